"""Why something embedded would not start: a stable code and the values for its words (`cli` catalogue, `refused`)."""


class EmbeddedError(Exception):
    """A refusal of the embedded parts; the command line says it in the operator's language."""

    def __init__(self, code: str, **params: str | int) -> None:
        """Keep the code and the values for its words.

        Args:
            code: Key under `refused` in the command line's texts.
            params: Values for the words: paths, process ids, user names.
        """
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params
