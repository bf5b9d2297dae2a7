"""The nearest node that takes or gives people: Dijkstra's algorithm, ahead from too many, back from too few."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solve.graph.compiled import compiled
from matcher.solve.graph.people import Choices, Ints, Shorts, Sitting
from matcher.solve.graph.ways import Ways, recall

#: More than any path.
FAR = 2**61
#: In place of a person: nobody moves, people of an exit go another way.
NOBODY = -1


class Nodes(NamedTuple):
    """The slots, outside, and the totals; changed in place.

    Parameters
    ----------
    exit : (n_nodes,)
        Where people go on to from each; −1 from outside, which is the end.
    room : (n_nodes,)
        Most people on the exit.
    through : (n_nodes,)
        People on the exit.
    over : (n_nodes,)
        People who come in and do not go on; negative where fewer come than go on.
    price : (n_nodes,)
    feeder_first, feeder
        Nodes whose exit leads to each node.
    """

    exit: Shorts
    room: Ints
    through: Ints
    over: Ints
    price: Ints
    feeder_first: Ints
    feeder: Shorts


class Tree(NamedTuple):
    """Dijkstra's algorithm from one node; kept for the next search.

    Parameters
    ----------
    distance, parent, done : (n_nodes,)
    person : (n_nodes,)
        Who moves along the last step to a node, or `NOBODY`.
    reached, settled : (n_nodes,)
        Nodes in the order in which they were.
    heap_distance, heap_node
        A binary heap; a node that came nearer stands there twice.
    size : (3,)
        Nodes reached, nodes settled, length of the heap.
    """

    distance: Ints
    parent: Shorts
    done: npt.NDArray[np.bool_]
    person: Shorts
    reached: Shorts
    settled: Shorts
    heap_distance: Ints
    heap_node: Shorts
    size: Ints


@compiled
def search(
    choices: Choices, sitting: Sitting, ways: Ways, nodes: Nodes, tree: Tree, source: int, ahead: bool
) -> int:
    """The nearest node that can take what `source` has too much of, or give what it lacks; −1 where there is none.

    `last` is outside, where every search ends that did not begin there.
    """
    for at in range(tree.size[0]):
        tree.distance[tree.reached[at]] = FAR
        tree.done[tree.reached[at]] = False
    tree.size[:] = 0
    last = len(ways.at) - 1  # outside
    if source == last:
        last = -1
    # Whatever is farther than such a node is of no use.
    nearest = int(FAR)
    nearest = _reach(nodes, tree, source, 0, -1, NOBODY, nearest, last, ahead)
    while tree.size[2]:
        node = _pop(tree)
        if tree.done[node]:
            continue
        tree.done[node] = True
        tree.settled[tree.size[1]] = node
        tree.size[1] += 1
        if ends(nodes, node, last, ahead):
            return node
        if ahead:
            nearest = _look_ahead(choices, sitting, ways, nodes, tree, node, nearest, last)
        else:
            nearest = _look_back(choices, sitting, ways, nodes, tree, node, nearest, last)
    return -1


@compiled
def ends(nodes: Nodes, node: int, last: int, ahead: bool) -> bool:
    if node == last:
        return True
    return bool(nodes.over[node] < 0) if ahead else bool(nodes.over[node] > 0)


@compiled
def _look_ahead(
    choices: Choices,
    sitting: Sitting,
    ways: Ways,
    nodes: Nodes,
    tree: Tree,
    node: int,
    nearest: int,
    last: int,
) -> int:
    """Reach where people of a node may go; the distance beyond which nothing is of use any more."""
    before = tree.distance[node] - nodes.price[node]
    if node < len(ways.at):
        for way in range(ways.first[node], ways.first[node] + ways.opened[node]):
            if ways.known[way] > 0 or (ways.more[way] and _known_again(choices, sitting, ways, way)):
                there = ways.target[way]
                distance = before + ways.change[way, 0] + nodes.price[there]
                if distance < nearest and distance < tree.distance[there]:
                    person = ways.person[way, 0]
                    nearest = _reach(nodes, tree, there, distance, node, person, nearest, last, True)
    there = nodes.exit[node]
    if there >= 0 and nodes.through[node] < nodes.room[node]:
        distance = before + nodes.price[there]
        if distance < nearest and distance < tree.distance[there]:
            nearest = _reach(nodes, tree, there, distance, node, NOBODY, nearest, last, True)
    for at in range(nodes.feeder_first[node], nodes.feeder_first[node + 1]):
        there = nodes.feeder[at]
        if nodes.through[there] > 0:
            distance = before + nodes.price[there]
            if distance < nearest and distance < tree.distance[there]:
                nearest = _reach(nodes, tree, there, distance, node, NOBODY, nearest, last, True)
    return nearest


@compiled
def _look_back(
    choices: Choices,
    sitting: Sitting,
    ways: Ways,
    nodes: Nodes,
    tree: Tree,
    node: int,
    nearest: int,
    last: int,
) -> int:
    """Reach from where people may come to a node; the distance beyond which nothing is of use any more."""
    before = tree.distance[node] + nodes.price[node]
    if node < len(ways.at) - 1:
        for at in range(ways.first[node], ways.first[node] + ways.came[node]):
            way = ways.into[at]
            if ways.known[way] > 0 or (ways.more[way] and _known_again(choices, sitting, ways, way)):
                here = ways.origin[way]
                distance = before + ways.change[way, 0] - nodes.price[here]
                if distance < nearest and distance < tree.distance[here]:
                    person = ways.person[way, 0]
                    nearest = _reach(nodes, tree, here, distance, node, person, nearest, last, False)
    here = nodes.exit[node]
    if nodes.through[node] > 0:
        distance = before - nodes.price[here]
        if distance < nearest and distance < tree.distance[here]:
            nearest = _reach(nodes, tree, here, distance, node, NOBODY, nearest, last, False)
    for at in range(nodes.feeder_first[node], nodes.feeder_first[node + 1]):
        here = nodes.feeder[at]
        if nodes.through[here] < nodes.room[here]:
            distance = before - nodes.price[here]
            if distance < nearest and distance < tree.distance[here]:
                nearest = _reach(nodes, tree, here, distance, node, NOBODY, nearest, last, False)
    return nearest


@compiled
def _known_again(choices: Choices, sitting: Sitting, ways: Ways, way: int) -> bool:
    """Make a list that was used up again; whether there is anybody on it."""
    recall(choices, sitting, ways, way, ways.origin[way])
    return bool(ways.known[way] > 0)


@compiled
def _reach(
    nodes: Nodes,
    tree: Tree,
    node: int,
    distance: int,
    parent: int,
    person: int,
    nearest: int,
    last: int,
    ahead: bool,
) -> int:
    """Note a nearer way to a node; the distance beyond which nothing is of use any more.

    Whether it is nearer is asked before: most are not, and a call costs more than the question.
    """
    if tree.distance[node] == FAR:
        tree.reached[tree.size[0]] = node
        tree.size[0] += 1
    tree.distance[node], tree.parent[node], tree.person[node] = distance, parent, person
    _push(tree, distance, node)
    return distance if ends(nodes, node, last, ahead) else nearest


@compiled
def _push(tree: Tree, distance: int, node: int) -> None:
    at = tree.size[2]
    tree.size[2] += 1
    while at > 0:
        above = (at - 1) >> 1
        if tree.heap_distance[above] <= distance:
            break
        tree.heap_distance[at], tree.heap_node[at] = tree.heap_distance[above], tree.heap_node[above]
        at = above
    tree.heap_distance[at], tree.heap_node[at] = distance, node


@compiled
def _pop(tree: Tree) -> int:
    first = tree.heap_node[0]
    tree.size[2] -= 1
    size = tree.size[2]
    distance, node = tree.heap_distance[size], tree.heap_node[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and tree.heap_distance[below + 1] < tree.heap_distance[below]:
            below += 1
        if tree.heap_distance[below] >= distance:
            break
        tree.heap_distance[at], tree.heap_node[at] = tree.heap_distance[below], tree.heap_node[below]
        at = below
    tree.heap_distance[at], tree.heap_node[at] = distance, node
    return int(first)
