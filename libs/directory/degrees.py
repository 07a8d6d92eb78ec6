"""Does a file name a reference system whose degrees are those of GeoJSON, to a metre?

GeoJSON is WGS 84 (RFC 7946); what is older or official may name another system. One whose null transformation to WGS 84
EPSG holds to be good to a metre is read as it is: no official outline is as exact. Others are refused by name, because
to convert them takes grids and parameters that belong into the tool of whoever publishes.
"""

import re
from typing import Any

# EPSG 12, geographic systems, 2D and 3D, whichever way round their axes are: files have longitude first all the same.
LISTED = """
3823 3824 3888 3889 4017 4023 4040 4046 4074 4075 4080 4081 4126 4130 4148 4151 4152 4163 4167 4171 4173 4176
4180 4189 4190 4258 4326 4339 4341 4343 4345 4349 4351 4353 4355 4357 4361 4363 4365 4367 4369 4371 4373 4377
4379 4386 4388 4463 4466 4469 4470 4482 4483 4557 4558 4612 4619 4624 4627 4659 4661 4667 4669 4670 4674 4686
4687 4694 4702 4737 4742 4747 4749 4755 4757 4758 4761 4762 4763 4764 4765 4883 4885 4887 4889 4895 4898 4907
4909 4921 4925 4927 4929 4931 4933 4935 4937 4941 4943 4945 4947 4949 4951 4953 4957 4959 4961 4963 4965 4967
4971 4977 4979 4981 4983 4989 4997 4999 5012 5013 5245 5246 5251 5252 5263 5264 5323 5324 5340 5342 5353 5354
5370 5371 5372 5373 5380 5381 5392 5393 5488 5489 5592 5593 5885 5886 6134 6135 6364 6365 6667 6668 6705 6706
7034 7035 7036 7037 7038 7039 7040 7041 7042 7072 7073 7084 7085 7086 7087 7088 7133 7682 7683 7685 7686 7797
7798 7885 7886 7909 7911 7912 7915 7931 8085 8086 8426 8427 8430 8431 8449 8684 8685 8698 8699 8817 8818 8899
8900 8901 8902 8997 8999 9000 9059 9067 9139 9140 9701 9702 9776 9777 9778 9779 9781 9782 9783 9784 9989 9990
10298 10299 10300 10307 10309 10310 10311 10312 10327 10328 10474 10475 10670 10671 10672 10673 20045 20046
"""
EPSG_CODES = frozenset(map(int, LISTED.split()))
# A code of four digits or more; the version of the register, as in “EPSG:9.8.1:4326”, has fewer.
EPSG = re.compile(r"epsg.*?(?<![\d.])(\d{4,6})(?!\d)", re.IGNORECASE)
# By name: OGC's, and those of the French mapping agency (RGF93G, RGR92GEODD, RGAF09GDD).
NAMED = re.compile(
    r"(?:^|[^a-z0-9])(?:CRS[\W_]?84h?|(?:WGS[\W_]?84|ETRS89|RG[A-Z]{1,4}\d{0,2})(?:G|GEO|DD)*)$", re.IGNORECASE
)


def system_in(crs: Any) -> str:
    """The name of the system that a document's `crs` states, in any of the ways of GeoJSON 2008; empty for none."""
    if not isinstance(crs, dict):
        return str(crs or "")
    properties = crs.get("properties") or {}
    named = properties.get("name") or properties.get("href")
    return str(named or (f"EPSG:{properties['code']}" if "code" in properties else ""))


def are_degrees(system: str) -> bool:
    """Whether coordinates of this system can be read as WGS 84 longitude and latitude."""
    if numbered := EPSG.search(system):
        return int(numbered[1]) in EPSG_CODES
    return bool(NAMED.search(system.strip()))
