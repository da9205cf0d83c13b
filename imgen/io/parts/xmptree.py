"""The tree of an XMP packet: read, searched, pruned and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"


def parsed(packet: bytes) -> Any:
    """The packet as a DOM document, which keeps prefixes as they are; None where it is no proper XML."""
    packet = packet.strip(b"\0 \t\r\n")
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return None
    try:
        return minidom.parseString(packet)  # noqa: S318 - see the import
    except (ExpatError, ValueError, LookupError):
        return None


def text_of(document: Any) -> bytes:
    """A document as UTF-8, with the packet's marks around it and without an XML declaration."""
    return "".join(node.toxml() for node in document.childNodes).encode()


def elements(node: Any) -> Iterator[Any]:
    """An element and all inside it."""
    yield node
    for child in node.childNodes:
        if child.nodeType == child.ELEMENT_NODE:
            yield from elements(child)


def attributes(element: Any) -> list[Any]:
    """The attributes of an element, namespace declarations too."""
    return list(element.attributes.values())


def prune(root: Any, doomed: Callable[[str | None, str], bool]) -> None:
    """Take out elements and attributes by namespace and local name."""
    for element in list(elements(root)):
        for attribute in attributes(element):
            if attribute.namespaceURI != XMLNS and doomed(attribute.namespaceURI, attribute.localName):
                element.removeAttributeNode(attribute)
        for child in list(element.childNodes):
            if child.nodeType == child.ELEMENT_NODE and doomed(child.namespaceURI, child.localName):
                element.removeChild(child)


def forget_namespaces(document: Any, spaces: set[str]) -> None:
    """Take out declarations of namespaces that nothing uses any longer."""
    everything = list(elements(document.documentElement))
    used = {element.namespaceURI for element in everything}
    used |= {a.namespaceURI for element in everything for a in attributes(element)}
    for element in everything:
        for attribute in attributes(element):
            if attribute.namespaceURI == XMLNS and attribute.value in spaces - used:
                element.removeAttributeNode(attribute)


def descriptions(document: Any) -> list[Any]:
    """The rdf:Description elements at the top, each with some properties."""
    return [
        child
        for rdf in document.getElementsByTagNameNS(RDF, "RDF")
        for child in rdf.childNodes
        if child.nodeType == child.ELEMENT_NODE and child.namespaceURI == RDF and child.localName == "Description"
    ]


def properties(description: Any) -> list[Any]:
    """The properties of a description: attributes and elements."""
    simple = [a for a in attributes(description) if a.namespaceURI not in (XMLNS, RDF)]
    return simple + [child for child in description.childNodes if child.nodeType == child.ELEMENT_NODE]


def says_something(document: Any) -> bool:
    """Whether any property is left. What is built in another way than XMP does is taken to say something."""
    found = descriptions(document)
    return not found or any(properties(one) for one in found)


def remove_property(description: Any, one: Any) -> None:
    """Take a property out."""
    if one.nodeType == one.ATTRIBUTE_NODE:
        description.removeAttributeNode(one)
    else:
        description.removeChild(one)
