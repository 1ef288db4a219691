"""Writes the reference geometry of groma-core: see README.md next to this file."""

import json
import math
from pathlib import Path

import h3

H3_VERSION = "4.5.0"
RESOLUTION = 12
SPIRAL_POINTS = 200
DISTANCES_M = [20, 100, 299, 301, 500, 1_000, 3_000, 10_000, 30_000, 60_000, 100_000]
DISTANCES_M += [119_900, 120_100, 300_000, 1_000_000]
PARENTS = (10, 9, 8, 7, 5, 4)
EARTH_RADIUS_M = 6_371_007.180918475
OUTPUT = Path(__file__).resolve().parents[2] / "primitives/core/vectors/geometry_h3.json"


def spiral() -> list[tuple[float, float]]:
    """Points spread evenly over the sphere, in degrees."""
    golden_angle = math.pi * (3 - math.sqrt(5))
    points = []
    for n in range(SPIRAL_POINTS):
        latitude = math.degrees(math.asin(1 - 2 * (n + 0.5) / SPIRAL_POINTS))
        longitude = math.degrees(n * golden_angle) % 360 - 180
        points.append((round(latitude, 6), round(longitude, 6)))
    return points


def special() -> list[tuple[float, float]]:
    """Poles, the antimeridian, the origin, and the middles of pentagons."""
    edges = [(90, 0), (-90, 0), (0, 180), (0, -180), (0, 0), (51.5, 179.99999), (51.5, -179.99999)]
    pentagons = [h3.cell_to_latlng(cell) for cell in sorted(h3.get_pentagons(RESOLUTION))]
    return edges + [(round(lat, 9), round(lng, 9)) for lat, lng in pentagons]


def shifted(point: tuple[float, float], distance_m: float, bearing: float) -> tuple[float, float]:
    """The point at a distance and a bearing (radians) from another."""
    angle = distance_m / EARTH_RADIUS_M
    latitude, longitude = (math.radians(degrees) for degrees in point)
    other_latitude = math.asin(
        math.sin(latitude) * math.cos(angle)
        + math.cos(latitude) * math.sin(angle) * math.cos(bearing)
    )
    other_longitude = longitude + math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(latitude),
        math.cos(angle) - math.sin(latitude) * math.sin(other_latitude),
    )
    degrees = (math.degrees(other_longitude) + 540) % 360 - 180
    return (round(math.degrees(other_latitude), 6), round(degrees, 6))


def cell_record(point: tuple[float, float]) -> dict:
    cell = h3.latlng_to_cell(*point, RESOLUTION)
    latitude, longitude = h3.cell_to_latlng(cell)
    return {
        "point": list(point),
        "cell": cell,
        "centre": [latitude, longitude],
        "parents": {
            str(resolution): h3.cell_to_parent(cell, resolution) for resolution in PARENTS
        },
    }


def pair_record(point: tuple[float, float], distance_m: float, bearing: float) -> dict:
    a = h3.latlng_to_cell(*point, RESOLUTION)
    b = h3.latlng_to_cell(*shifted(point, distance_m, bearing), RESOLUTION)
    metres = h3.great_circle_distance(h3.cell_to_latlng(a), h3.cell_to_latlng(b), unit="m")
    return {"a": a, "b": b, "great_circle_m": metres}


def main() -> None:
    if h3.versions()["c"] != H3_VERSION:
        raise SystemExit(f"h3 {H3_VERSION} is needed: pip install -r requirements.txt")
    spread = spiral()
    pairs = [
        pair_record(point, distance_m, 2 * math.pi * (n * 0.37 + k * 0.11))
        for n, point in enumerate(spread[::5])
        for k, distance_m in enumerate(DISTANCES_M)
    ]
    document = {
        "source": f"H3 reference library in C, version {H3_VERSION}",
        "cells": [cell_record(point) for point in spread + special()],
        "pairs": pairs,
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ["{", f' "source": {json.dumps(document["source"])},']
    for name, last in (("cells", False), ("pairs", True)):
        records = ",\n".join("  " + json.dumps(record) for record in document[name])
        lines.append(f' "{name}": [\n{records}\n ]' + ("" if last else ","))
    OUTPUT.write_text("\n".join(lines + ["}"]) + "\n")
    print(f"{len(document['cells'])} cells, {len(pairs)} pairs: {OUTPUT.name}")


if __name__ == "__main__":
    main()
