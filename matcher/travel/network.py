"""The network of roads, thinned to what journeys between some spots need, and shortest ways on it.

Time and length of a way are one whole number, milliseconds before centimetres: so the sums are exact, and of ways that
are equally fast the shortest is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matcher.travel.osm import Roads
from matcher.travel.snapping import Spots

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Bits of the centimetres, 1,342 km. With the limit below, a sum stays below 2⁵³, where floats are whole numbers.
_BITS = 27
#: Nobody is sent farther: a way that takes longer is none. At 130 km/h it is 1,300 km.
LONGEST_H = 10
_MS_PER_H = 3_600_000
#: Milliseconds that a centimetre takes at 1 km/h.
_MS = 36.0
#: Cells of a (sources × points) block: bounds the memory, not the answer.
_BLOCK_CELLS = 4_000_000


@dataclass(frozen=True)
class Links:
    """Ways between numbered points, as long and as fast in both directions.

    Parameters
    ----------
    a, b : (n,) int
    cost : (n,) int
        ``milliseconds · 2²⁷ + centimetres``.
    there, back : (n,) bool
        Whether one may go from a to b, and from b to a.
    """

    a: Ints
    b: Ints
    cost: Ints
    there: Bools
    back: Bools

    def of(self, chosen: Bools | Ints) -> Links:
        """Some of the links."""
        return Links(*(getattr(self, name)[chosen] for name in ("a", "b", "cost", "there", "back")))


@dataclass(frozen=True)
class Network:
    """What journeys between some spots need.

    Parameters
    ----------
    size : int
        Points, the spots among them.
    links : Links
    spot : (n_spots,) int
        Point of each spot; -1 for spots without a road.
    """

    size: int
    links: Links
    spot: Ints

    def reach(self, targets: Ints, origins: Ints) -> Iterator[tuple[Ints, Floats, Floats]]:
        """Fastest ways from every origin to some targets, searched backward from the targets.

        Parameters
        ----------
        targets, origins : arrays of int
            Spots with a road.

        Yields
        ------
        rows : (k,) int
            Positions in `targets`, each once in all.
        seconds, metres : (k, n_origins) arrays
            NaN where no way leads within `LONGEST_H`.
        """
        points, row = np.unique(self.spot[targets], return_inverse=True)
        ends, column = np.unique(self.spot[origins], return_inverse=True)
        graph = _backward(self.links, self.size)
        limit = float(LONGEST_H * _MS_PER_H) * 2**_BITS
        step = max(1, _BLOCK_CELLS // max(1, self.size))
        for begin in range(0, len(points), step):
            cost = dijkstra(graph, indices=points[begin : begin + step], limit=limit)[:, ends]
            none = np.isinf(cost)
            whole = np.where(none, 0, cost).astype(np.int64)
            seconds = np.where(none, np.nan, (whole >> _BITS) / 1000)
            metres = np.where(none, np.nan, (whole & (2**_BITS - 1)) / 100)
            rows = np.flatnonzero((row >= begin) & (row < begin + step))
            yield rows, seconds[row[rows] - begin][:, column], metres[row[rows] - begin][:, column]


def network(roads: Roads, at: Spots, passable: Bools) -> Network:
    """The network with a point at each spot, thinned.

    Parameters
    ----------
    roads : Roads
    at : Spots
        On passable pieces.
    passable : (n_pieces,) bool
        The others are left out.
    """
    known = at.piece >= 0
    cut, number = np.unique(np.column_stack((at.piece[known], at.cm[known])), axis=0, return_inverse=True)
    place = _places(roads, cut)
    spot = np.full(len(at.piece), -1, np.int64)
    spot[known] = place[number.ravel()]
    links = _cut(roads, cut, place, passable)
    kept = np.zeros(max(len(roads.lat), int(place.max(initial=-1)) + 1), bool)
    kept[place] = True
    links = thinned(links, kept)
    used = np.unique(np.concatenate((links.a, links.b, place)))
    numbered = replace(links, a=np.searchsorted(used, links.a), b=np.searchsorted(used, links.b))
    spot[known] = np.searchsorted(used, spot[known])
    return Network(len(used), numbered, spot)


def _places(roads: Roads, cut: Ints) -> Ints:
    """Point of each cut (piece, cm): an end of the piece, or a new one."""
    piece, cm = cut.T
    place: Ints = np.where(cm == 0, roads.start[piece], roads.end[piece])
    inside = (cm > 0) & (cm < roads.cm[piece])
    place[inside] = len(roads.lat) + np.arange(int(inside.sum()))
    return place


def _cut(roads: Roads, cut: Ints, place: Ints, passable: Bools) -> Links:
    """The passable pieces, cut in two or more where a spot lies inside of them."""
    piece, cm = cut.T
    inside = (cm > 0) & (cm < roads.cm[piece])
    every = np.flatnonzero(passable)
    # Every stop on the way along a piece: its start, its cuts, its end.
    at = np.concatenate((every, piece[inside], every))
    along = np.concatenate((np.zeros(len(every), np.int64), cm[inside], roads.cm[every]))
    point = np.concatenate((roads.start[every], place[inside], roads.end[every]))
    order = np.lexsort((along, at))
    at, along, point = at[order], along[order], point[order]
    on = np.flatnonzero(at[1:] == at[:-1])
    speed = roads.kmh[at[on]]
    ms = [np.rint(along[stop] * _MS / speed).astype(np.int64) for stop in (on, on + 1)]
    cost = ((ms[1] - ms[0]) << _BITS) + along[on + 1] - along[on]
    return Links(point[on], point[on + 1], cost, roads.forward[at[on]], roads.backward[at[on]])


def thinned(links: Links, kept: Bools) -> Links:
    """The same ways between the points that are kept, with as few others as come cheaply.

    Dead ends lead nowhere, and of a point with two links no journey knows: both become one.

    Parameters
    ----------
    links : Links
    kept : (n_points,) bool
    """
    before = -1
    draw = np.random.default_rng(1)
    while len(links.a) != before:
        before = len(links.a)
        links = _joined(_without_dead_ends(links, kept), kept, draw)
    return links


def _without_dead_ends(links: Links, kept: Bools) -> Links:
    links = links.of((links.a != links.b) & (links.there | links.back))
    degree = _degree(links, len(kept))
    dead = ~kept & (degree == 1)
    return links.of(~(dead[links.a] | dead[links.b]))


def _joined(links: Links, kept: Bools, draw: np.random.Generator) -> Links:
    """Without some of the points that have two links: no two of them neighbours."""
    chance = draw.permutation(len(kept)) * (~kept & (_degree(links, len(kept)) == 2))
    # A point is taken when its chance is above that of both its neighbours.
    most = np.zeros(len(kept), np.int64)
    np.maximum.at(most, links.a, chance[links.b])
    np.maximum.at(most, links.b, chance[links.a])
    taken = chance > most
    first = taken[links.a] | taken[links.b]
    ends = links.of(first)
    # All links of taken points, seen from the point: by point, two by two.
    turned = taken[ends.a]
    point = np.where(turned, ends.a, ends.b)
    far = np.where(turned, ends.b, ends.a)
    out = np.where(turned, ends.there, ends.back)
    home = np.where(turned, ends.back, ends.there)
    order = np.argsort(point, kind="stable")
    one, two = order[::2], order[1::2]
    joined = Links(
        far[one], far[two], ends.cost[one] + ends.cost[two], home[one] & out[two], home[two] & out[one]
    )
    rest = links.of(~first)
    parts = ("a", "b", "cost", "there", "back")
    return Links(*(np.concatenate((getattr(rest, part), getattr(joined, part))) for part in parts))


def _degree(links: Links, size: int) -> Ints:
    return np.asarray(np.bincount(links.a, minlength=size) + np.bincount(links.b, minlength=size))


def _backward(links: Links, size: int) -> csr_array:
    """The graph in which a journey is searched from its end; of parallel links the cheapest."""
    tail = np.concatenate((links.b[links.there], links.a[links.back]))
    head = np.concatenate((links.a[links.there], links.b[links.back]))
    cost = np.concatenate((links.cost[links.there], links.cost[links.back]))
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    new = np.ones(len(tail), bool)
    new[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return csr_array((cost[new].astype(np.float64), (tail[new], head[new])), shape=(size, size))
