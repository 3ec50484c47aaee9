"""Flat XML, as WeCom writes it: one element whose children hold text. Everything else XML can do is refused."""

from xml.parsers import expat
from xml.sax.saxutils import escape

_DEPTH_MAX = 8


class XmlError(ValueError):
    """This is no XML, or more of it than we read."""


def texts_of(data: bytes) -> dict[str, str]:
    """The text of each child of the outermost element; of what is nested deeper nothing. Raises XmlError."""
    found: dict[str, str] = {}
    path: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        path.append(name)
        if len(path) > _DEPTH_MAX:
            message = "nested too deep"
            raise XmlError(message)

    def text(chunk: str) -> None:
        if len(path) == 2:
            found[path[1]] = found.get(path[1], "") + chunk

    def refuse(*_: object) -> None:
        message = "a document type is refused"
        raise XmlError(message)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003  (expat takes it by position)
    except XmlError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding that it cannot read
        raise XmlError(str(error)) from error
    return found


def xml_of(**texts: str) -> str:
    """An element with such children; a text that begins with `<` is XML itself."""
    children = "".join(f"<{name}>{text if text[:1] == '<' else escape(text)}</{name}>" for name, text in texts.items())
    return f"<xml>{children}</xml>"
