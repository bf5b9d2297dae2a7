"""The optimum from near prices: people move along cheapest paths from nodes with too many to nodes with too few.

Nodes are the slots, "outside", and the providers whose places over all modes are limited. Whoever sits at a slot goes
on, at no cost, through the provider's total where it has one, to outside, where all who are served or not come
together. With prices under which no way and no such exit is cheaper than nothing, Dijkstra's algorithm finds the
cheapest path and how prices rise along it (successive shortest paths; Ahuja, Magnanti, Orlin: Network Flows, 1993,
section 9.7). In the end nothing is over or under, and the prices prove it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solve.graph.compiled import compiled
from matcher.solve.graph.people import Choices, Ints, Shorts, Sitting
from matcher.solve.graph.ways import Ways, gather, offer, recall, spread, withdraw

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
def run(choices: Choices, sitting: Sitting, ways: Ways, nodes: Nodes, tree: Tree) -> bool:
    """Move people until no node is over or under; False where no way leads on.

    Parameters
    ----------
    choices : Choices
    sitting : Sitting
        Everybody at their least cost + price.
    ways : Ways
        As people sit.
    nodes : Nodes
        An exit whose end is cheaper than its beginning is full.
    tree : Tree
        Fresh.
    """
    source, calm = 0, 0
    while calm < len(nodes.over):
        if nodes.over[source] <= 0:
            source = (source + 1) % len(nodes.over)
            calm += 1
            continue
        calm = 0
        end = _search(choices, sitting, ways, nodes, tree, source)
        if end < 0:
            return False
        _raise_prices(nodes, tree, end)
        _move(choices, sitting, ways, nodes, tree, source, end)
    return True


@compiled
def _search(choices: Choices, sitting: Sitting, ways: Ways, nodes: Nodes, tree: Tree, source: int) -> int:
    """The nearest node with too few people, −1 where there is none."""
    for at in range(tree.size[0]):
        tree.distance[tree.reached[at]] = FAR
        tree.done[tree.reached[at]] = False
    tree.size[:] = 0
    # Whatever is farther than a node with too few is of no use.
    nearest = int(FAR)
    nearest = _reach(nodes, tree, source, 0, -1, NOBODY, nearest)
    while tree.size[2]:
        node = _pop(tree)
        if tree.done[node]:
            continue
        tree.done[node] = True
        tree.settled[tree.size[1]] = node
        tree.size[1] += 1
        if nodes.over[node] < 0:
            return node
        before = tree.distance[node] - nodes.price[node]
        if node < len(ways.at):
            for way in range(ways.first[node], ways.first[node] + ways.opened[node]):
                if ways.known[way] == 0:
                    if not ways.more[way]:
                        continue
                    recall(choices, sitting, ways, way, node)
                    if ways.known[way] == 0:
                        continue
                there = ways.target[way]
                distance = before + ways.change[way, 0] + nodes.price[there]
                if distance < nearest and distance < tree.distance[there]:
                    nearest = _reach(nodes, tree, there, distance, node, ways.person[way, 0], nearest)
        there = nodes.exit[node]
        if there >= 0 and nodes.through[node] < nodes.room[node]:
            nearest = _reach(nodes, tree, there, before + nodes.price[there], node, NOBODY, nearest)
        for at in range(nodes.feeder_first[node], nodes.feeder_first[node + 1]):
            there = nodes.feeder[at]
            if nodes.through[there] > 0:
                nearest = _reach(nodes, tree, there, before + nodes.price[there], node, NOBODY, nearest)
    return -1


@compiled
def _reach(nodes: Nodes, tree: Tree, node: int, distance: int, parent: int, person: int, nearest: int) -> int:
    """Note a way to a node; the distance beyond which nothing is of use any more."""
    if distance >= nearest or distance >= tree.distance[node]:
        return nearest
    if tree.distance[node] == FAR:
        tree.reached[tree.size[0]] = node
        tree.size[0] += 1
    tree.distance[node], tree.parent[node], tree.person[node] = distance, parent, person
    _push(tree, distance, node)
    return distance if nodes.over[node] < 0 else nearest


@compiled
def _raise_prices(nodes: Nodes, tree: Tree, end: int) -> None:
    """By what each settled node is nearer than the end of the path: no way becomes cheaper than nothing."""
    for at in range(tree.size[1]):
        node = tree.settled[at]
        nodes.price[node] += tree.distance[end] - tree.distance[node]


@compiled
def _move(
    choices: Choices, sitting: Sitting, ways: Ways, nodes: Nodes, tree: Tree, source: int, end: int
) -> None:
    """Move as many people as the path lets pass: one, where anybody changes their seat."""
    count = min(nodes.over[source], -nodes.over[end])
    there = end
    while there != source:
        here = tree.parent[there]
        if tree.person[there] != NOBODY:
            count = 1
        elif nodes.exit[here] == there:
            count = min(count, nodes.room[here] - nodes.through[here])
        else:
            count = min(count, nodes.through[there])
        there = here
    nodes.over[source] -= count
    nodes.over[end] += count
    there = end
    while there != source:
        here = tree.parent[there]
        if tree.person[there] != NOBODY:
            _change_seat(choices, sitting, ways, tree.person[there], here, there)
        elif nodes.exit[here] == there:
            nodes.through[here] += count
        else:
            nodes.through[there] -= count
        there = here


@compiled
def _change_seat(choices: Choices, sitting: Sitting, ways: Ways, person: int, here: int, there: int) -> None:
    group = choices.group[person]
    cost = choices.unserved[group]
    for arc in range(choices.start[group], choices.start[group + 1]):
        if choices.slot[arc] == there:
            cost = choices.cost[arc]
    sitting.seat[person], sitting.cost[person] = there, cost
    sitting.load[here] -= 1
    sitting.load[there] += 1
    spread(ways, here)
    withdraw(choices, sitting, ways, here, person)
    gather(ways, here)
    spread(ways, there)
    offer(choices, sitting, ways, there, person)
    gather(ways, there)


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
