"""Whether a value came back as it was sent."""


def alike(came: object, sent: object) -> bool:
    """Compare as a consumer would see it: types too, because 1 == True == 1.0, at any depth.

    The order of a dict does not matter.
    """
    if type(came) is not type(sent):
        return False
    match came, sent:
        case dict(), dict():
            return came.keys() == sent.keys() and all(alike(came[key], sent[key]) for key in sent)
        case list() | tuple(), list() | tuple():
            return len(came) == len(sent) and all(map(alike, came, sent))
        case float(), float():
            return came == sent or (came != came and sent != sent)  # noqa: PLR0124 - not a number
        case _:
            return came == sent
