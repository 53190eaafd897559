# SPDX-License-Identifier: Apache-2.0
"""A disk that remembers what was made durable: replays what filefaults.c wrote down.

A file that was written and not synchronised may be lost in a power failure, and so may the name of a file
whose folder was not. The model is stricter than most file systems: a name is durable only once its folder
was synchronised after it was made, whatever was done with the file itself. A rename is one step: once either
folder was synchronised, both of its sides are durable.
"""

import os


class File:
    def __init__(self, data=b""):
        self.now = bytearray(data)
        self.durable = bytes(data)


class Folder:
    def __init__(self):
        self.now = {}
        self.durable = {}


def events(path):
    """The recorded changes in order, as tuples."""
    with open(path, "rb") as file:
        while line := file.readline():
            kind = chr(line[0])
            rest = line[2:-1].decode()
            if kind == "W":
                inode, at, count = map(int, rest.split())
                yield kind, inode, at, file.read(count)
            elif kind == "T":
                inode, size = map(int, rest.split())
                yield kind, inode, size
            elif kind == "S":
                yield kind, int(rest)
            elif kind in "OC":
                name, inode = rest.split("\t")
                yield kind, name, int(inode)
            else:
                yield (kind, *rest.split("\t"))


class Disk:
    def __init__(self, root):
        """What is under `root` now is durable."""
        self.root = root
        self.inodes = {}
        self.seen = {}
        self.top = self.load(root)
        self.renames = []

    def load(self, path):
        folder = Folder()
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                node = self.load(entry.path)
            else:
                node = self.seen.get(entry.inode())
                if node is None:
                    node = File(open(entry.path, "rb").read())
                    self.seen[entry.inode()] = node
            folder.now[entry.name] = node
        folder.durable = dict(folder.now)
        return folder

    def find(self, path):
        """The folder that holds a path, and the last name."""
        parts = [part for part in path[len(self.root):].split("/") if part]
        folder = self.top
        for part in parts[:-1]:
            folder = folder.now[part]
        return folder, parts[-1] if parts else None

    def apply(self, event):
        """Does one change. True if something became durable."""
        kind, *facts = event
        if kind == "O":
            folder, name = self.find(facts[0])
            self.inodes[facts[1]] = folder.now[name]
        elif kind == "C":
            folder, name = self.find(facts[0])
            folder.now[name] = self.inodes[facts[1]] = File()
        elif kind == "W":
            inode, at, data = facts
            now = self.inodes[inode].now
            if len(now) < at:
                now.extend(bytes(at - len(now)))
            now[at:at + len(data)] = data
        elif kind == "T":
            now = self.inodes[facts[0]].now
            del now[facts[1]:]
            now.extend(bytes(facts[1] - len(now)))
        elif kind == "S":
            file = self.inodes[facts[0]]
            file.durable = bytes(file.now)
            return True
        elif kind == "D":
            self.synchronise(facts[0])
            return True
        elif kind == "R":
            (a, x), (b, y) = self.find(facts[0]), self.find(facts[1])
            node = a.now.pop(x)
            b.now[y] = node
            self.renames.append((a, x, b, y, node))
        elif kind == "L":
            (a, x), (b, y) = self.find(facts[0]), self.find(facts[1])
            b.now[y] = a.now[x]
        elif kind == "M":
            folder, name = self.find(facts[0])
            folder.now[name] = Folder()
        elif kind in "UX":
            folder, name = self.find(facts[0])
            del folder.now[name]
        return False

    def synchronise(self, path):
        parent, name = self.find(path)
        folder = parent.now[name] if name else self.top
        folder.durable = dict(folder.now)
        for rename in list(self.renames):
            a, x, b, y, node = rename
            if folder is not a and folder is not b:
                continue
            self.renames.remove(rename)
            if x not in a.now:
                a.durable.pop(x, None)
            if b.now.get(y) is node:
                b.durable[y] = node

    def write(self, path, durable):
        """Lays out under `path` what would be found: all that was done, or what is durable alone."""
        made = {}

        def lay(folder, path):
            os.mkdir(path)
            for name, node in (folder.durable if durable else folder.now).items():
                target = f"{path}/{name}"
                if isinstance(node, Folder):
                    lay(node, target)
                elif id(node) in made:
                    os.link(made[id(node)], target)
                else:
                    with open(target, "wb") as file:
                        file.write(node.durable if durable else node.now)
                    made[id(node)] = target

        lay(self.top, path)
