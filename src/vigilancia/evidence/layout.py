"""Names inside a bundle, for who makes one and for who holds one against its manifest."""

MANIFEST = "manifest-sha256.txt"
SIGNATURE = "manifest-sha256.txt.sig"
KEY = "public-key.pem"
