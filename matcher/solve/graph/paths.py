"""The optimum from near prices: people move along cheapest paths from nodes with too many to nodes with too few.

Nodes are the slots, "outside", and the providers whose places over all modes are limited. Whoever sits at a slot goes
on, at no cost, through the provider's total where it has one, to outside, where all who are served or not come
together. With prices under which no way and no such exit is cheaper than nothing, Dijkstra's algorithm finds the
cheapest path and how prices change along it (successive shortest paths; Ahuja, Magnanti, Orlin: Network Flows, 1993,
section 9.7). In the end nothing is over or under, and the prices prove it.

Everything is near everything through outside. So outside takes whoever comes from a node with too many. Where they go
on to is sought in one of two ways: in a city from outside, to the nearest of all nodes with too few, which looks at
every slot; in a province back from each node with too few, to outside or one with too many, which looks around.
"""

from __future__ import annotations

from matcher.solve.graph.compiled import compiled
from matcher.solve.graph.people import Choices, Sitting
from matcher.solve.graph.search import NOBODY, Nodes, Tree, ends, search
from matcher.solve.graph.ways import Ways, gather, offer, spread, withdraw


@compiled
def run(choices: Choices, sitting: Sitting, ways: Ways, nodes: Nodes, tree: Tree, back: bool) -> bool:
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
    back : bool
        Nodes with too few look for people; otherwise outside looks for them.
    """
    outside = len(ways.at) - 1
    node, calm = 0, 0
    while calm < len(nodes.over):
        passive = node == outside if back else nodes.over[node] < 0
        if passive or nodes.over[node] == 0:
            node = (node + 1) % len(nodes.over)
            calm += 1
            continue
        calm = 0
        ahead = nodes.over[node] > 0
        end = search(choices, sitting, ways, nodes, tree, node, ahead)
        if end < 0:
            return False
        _change_prices(nodes, tree, end, ahead)
        _move(choices, sitting, ways, nodes, tree, node, end, ahead)
    return bool(nodes.over[outside] == 0)


@compiled
def _change_prices(nodes: Nodes, tree: Tree, end: int, ahead: bool) -> None:
    """By what each settled node is nearer than the end of the path: no way becomes cheaper than nothing."""
    for at in range(tree.size[1]):
        node = tree.settled[at]
        nearer = tree.distance[end] - tree.distance[node]
        nodes.price[node] += nearer if ahead else -nearer


@compiled
def _move(
    choices: Choices,
    sitting: Sitting,
    ways: Ways,
    nodes: Nodes,
    tree: Tree,
    source: int,
    end: int,
    ahead: bool,
) -> None:
    """Move as many people as the path lets pass: one, where anybody changes their seat."""
    count = abs(nodes.over[source])
    if ends(nodes, end, -1, ahead):
        count = min(count, abs(nodes.over[end]))
    node = end
    while node != source:
        here, there = (tree.parent[node], node) if ahead else (node, tree.parent[node])
        if tree.person[node] != NOBODY:
            count = 1
        elif nodes.exit[here] == there:
            count = min(count, nodes.room[here] - nodes.through[here])
        else:
            count = min(count, nodes.through[there])
        node = tree.parent[node]
    nodes.over[source] -= count if ahead else -count
    nodes.over[end] += count if ahead else -count
    node = end
    while node != source:
        here, there = (tree.parent[node], node) if ahead else (node, tree.parent[node])
        if tree.person[node] != NOBODY:
            _change_seat(choices, sitting, ways, tree.person[node], here, there)
        elif nodes.exit[here] == there:
            nodes.through[here] += count
        else:
            nodes.through[there] -= count
        node = tree.parent[node]


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
