"""What is the smallest release of a directory that can travel? One territory without anything in it."""

from libs.directory import Release


def a_release(territory: str, name: str = "a territory") -> Release:
    return Release.of(
        {
            "territory": {
                "code": territory,
                "names": {"en": name},
                "languages": ["en"],
                "time_zone": "UTC",
                "calendar": {"country": "FR", "subdivision": None},
                "border_band_m": 10.0,
                "confidence_min": 0.6,
                "hops_max": 3,
                "desk": "desk",
                "code_scheme": "none",
            },
            "services": [],
            "authorities": [],
            "departments": [],
            "rules": [],
            "calendar": {"weekend": [5, 6], "closed": []},
            "plane": None,
            "postal": {},
            "places": [],
            "layers": [],
        }
    )
