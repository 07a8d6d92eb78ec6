"""How does a page's address get from paper back into a telephone? As a QR code, drawn here."""

import io

import segno

ERROR_CORRECTION = "m"  # of what a creased sheet hides, 15 % can be made good
QUIET_ZONE = 4  # modules of white around it, as the standard asks


def qr_svg(address: str) -> bytes:
    """The address as an SVG drawing, black on white in every colour scheme: readers expect that."""
    drawn = io.BytesIO()
    code = segno.make_qr(address, error=ERROR_CORRECTION)
    code.save(drawn, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False)
    return drawn.getvalue()
