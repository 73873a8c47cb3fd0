"""Walls: people who may see nothing of a case, named by the owner's staff, whatever their organisation may.

* A wall names a contact or a token; a contact stands for every token it holds, now and later.
* For whom it names the case does not exist, at any address, in any list, file or feed; nothing of it is sent to them.
* It outlives the record of the contact: removing an address book entry opens nothing.
* That it stands is known to the owner's staff alone. Why is sealed under the complaint's key.
"""
