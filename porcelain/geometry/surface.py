"""Closed surfaces: which edges are open, how many bodies faces make and how many ways lead through them.

Told once for the maker of meshes and for their reader, from the faces alone and without a geometry kernel.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Ints


def edges(faces: Ints) -> Ints:
    """Edges of faces, in the direction of each face.

    Parameters
    ----------
    faces : (F, 3)

    Returns
    -------
    array (3 F, 2)
        First all first edges, then all second, then all third ones.

    Examples
    --------
    >>> edges(np.array([[0, 1, 2]])).tolist()
    [[0, 1], [1, 2], [2, 0]]
    """
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def faulty_edges(faces: Ints) -> Ints:
    """Edges that join other than two faces: open ones, and those where surfaces touch.

    Parameters
    ----------
    faces : (F, 3)

    Returns
    -------
    array (n, 2)
        Lower vertex first.

    Examples
    --------
    >>> tetrahedron = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
    >>> len(faulty_edges(tetrahedron)), len(faulty_edges(tetrahedron[1:]))
    (0, 3)
    """
    ends, _, times = _undirected(faces)
    return ends[times != 2]


def bodies(faces: Ints) -> Ints:
    """Tell which body each face belongs to.

    Parameters
    ----------
    faces : (F, 3); those that share an edge are of one body

    Returns
    -------
    array (F,)
        0, 1, ...

    Examples
    --------
    >>> tetrahedron = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
    >>> bodies(np.concatenate([tetrahedron, tetrahedron + 4])).tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(faces)
    ends, which, _ = _undirected(faces)
    size = n + len(ends)
    graph = coo_array((np.ones(3 * n), (np.tile(np.arange(n), 3), n + which)), shape=(size, size))
    groups = connected_components(graph, directed=False)[1][:n]
    return np.asarray(np.unique(groups, return_inverse=True)[1].reshape(-1), dtype=np.int64)


def genus(faces: Ints) -> int:
    """How many ways lead through a closed body: 0 for a ball, 1 for a ring.

    Parameters
    ----------
    faces : (F, 3) of one closed body

    Returns
    -------
    int
        By Euler's formula V - E + F = 2 - 2 genus, in which a vertex where two sheets touch counts once for each.

    Examples
    --------
    >>> genus(np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    0
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(faces)
    ends, which, _ = _undirected(faces)
    corner = np.arange(3 * n).reshape(3, n)  # of every face, in the order of edges()
    tail, head = corner.reshape(-1), np.roll(corner, -1, axis=0).reshape(-1)
    directed = edges(faces)
    low, high = np.where(directed[:, 0] < directed[:, 1], (tail, head), (head, tail))
    hubs = 3 * n + which  # corners of the faces at one edge meet in two hubs: at its lower end and at its higher one
    links = (np.concatenate([low, high]), np.concatenate([hubs, hubs + len(ends)]))
    size = 3 * n + 2 * len(ends)
    vertices = connected_components(coo_array((np.ones(6 * n), links), shape=(size, size)), directed=False)[0]
    return 1 - (vertices - len(ends) + n) // 2


def _undirected(faces: Ints) -> tuple[Ints, Ints, Ints]:
    """Edges (n, 2), lower vertex first; which of them each of ``edges(faces)`` is, (3 F,); how many faces have it."""
    ends = np.sort(edges(faces), axis=1)
    width = int(faces.max()) + 1
    keys, which, times = np.unique(ends @ [width, 1], return_inverse=True, return_counts=True)
    return np.column_stack(np.divmod(keys, width)), which.reshape(-1), times


def one_closed_body(faces: Ints) -> bool:
    """Whether every edge joins two faces and all faces make one body.

    Parameters
    ----------
    faces : (F, 3)

    Returns
    -------
    bool
        Of the faces alone; how they lie in space is not asked.

    Examples
    --------
    >>> tetrahedron = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
    >>> one_closed_body(tetrahedron), one_closed_body(np.concatenate([tetrahedron, tetrahedron + 4]))
    (True, False)
    """
    return not len(faulty_edges(faces)) and int(bodies(faces).max()) == 0
