"""The XMP packet: what kind of picture this is, for everyone; the graph, for us.

`Iptc4xmpExt:DigitalSourceType` is how the IPTC lets a file say that a model drew it.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from nodeforge import __version__

DRAWN = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
NOTE = "http://ns.adobe.com/xmp/note/"
OURS = "urn:nodeforge:xmp:1.0/"
LIMIT = 64 * 2**20  # bytes of a packet
MOST = 200_000  # elements and attributes of a packet
PACKET_ID = "W5M0MpCehiHzreSzNTczkc9d"  # the same in every packet, says the specification


def packet(source: str = "", graph: str = "", parameters: str = "", rest: str = "") -> bytes:
    """The packet. source: the whole address of a DigitalSourceType, or nothing. rest: the GUID of
    an extended packet that goes on with this one."""
    says = {
        "Iptc4xmpExt:DigitalSourceType": source,
        "xmp:CreatorTool": f"NodeForge {__version__}",
        "nodeforge:Graph": graph,
        "nodeforge:Parameters": parameters,
        "xmpNote:HasExtendedXMP": rest,
    }
    lines = "".join(f"\n   <{name}>{_plain(said)}</{name}>" for name, said in says.items() if said)
    text = (
        f'<?xpacket begin="\ufeff" id="{PACKET_ID}"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC}" xmlns:nodeforge="{OURS}" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpNote="{NOTE}">{lines}\n'
        '  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="r"?>'
    )
    return text.encode(errors="replace")


def extension(graph: str, parameters: str) -> bytes:
    """What did not fit in the packet of a JPEG; without the wrapper, says the specification."""
    says = {"nodeforge:Graph": graph, "nodeforge:Parameters": parameters}
    lines = "".join(f"<{name}>{_plain(said)}</{name}>" for name, said in says.items() if said)
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description '
        f'rdf:about="" xmlns:nodeforge="{OURS}">{lines}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode(errors="replace")


def properties(data: bytes) -> dict[str, str]:
    """What a packet says, by "{namespace}name"; empty if it is damaged, too large, or would have
    the parser fetch or unfold something."""
    if not data.strip() or len(data) > LIMIT or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return {}
    parser = ElementTree.XMLParser(target=_Builder())
    try:
        parser.feed(data.strip(b"\0 \r\n"))
        root: ElementTree.Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    found: dict[str, str] = {}
    rdf = root if root.tag == f"{{{RDF}}}RDF" else root.find(f".//{{{RDF}}}RDF")
    for about in rdf.findall(f"{{{RDF}}}Description") if rdf is not None else ():
        for name, said in about.attrib.items():
            found.setdefault(name, said)
        for each in about:
            if said := _said(each):
                found.setdefault(each.tag, said)
    return found


class _Builder(ElementTree.TreeBuilder):
    """Gives up where there is more than any program writes."""

    count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self.count += 1 + len(attrs)
        if self.count > MOST:
            raise ValueError
        return super().start(tag, attrs)


def _said(element: ElementTree.Element) -> str:
    """Its text, or that of the first entry of a list (rdf:Alt, rdf:Bag, rdf:Seq)."""
    if linked := element.get(f"{{{RDF}}}resource"):
        return linked
    entry = element.find(f".//{{{RDF}}}li")
    return (element if entry is None else entry).text or ""


def _plain(text: str) -> str:
    """As XML holds it; most control characters it cannot hold at all."""
    kept = "".join(c if c >= " " or c in "\t\n\r" else " " for c in text)
    return escape(kept, {"\r": "&#13;"}).replace("\ufffe", " ").replace("\uffff", " ")
