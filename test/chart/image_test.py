"""The Dockerfile, without an engine to build it.

    image_test.py [--programs DIR]        what can be seen from outside
    image_test.py --chroot [--stage build|run] --programs DIR
                                          carries its instructions out in a Debian 12 of debootstrap

From outside: what it copies is there, reaches the build, and is all that CMake adds; the run stage
has the packages whose libraries the programs in DIR load, and no others; user, ports and log are
those of the chart.

With --chroot, as root: `run` takes the programs from DIR, starts them in the image as its user, and
verifies the log they wrote; `build` compiles everything, which takes a while."""

import argparse
import functools
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("raycord-operator", "raycord")
SKIPPED = 77
OPTIONS = None


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def stages():
    """Each stage as a list of (instruction, text)."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", read("Dockerfile"), flags=re.M))
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, rest = line.split(None, 1)
        if word == "FROM":
            found.append([])
        found[-1].append((word, " ".join(rest.split())))
    return found


def instructions(stage, word):
    return [rest for found, rest in stage if found == word]


def copied(stage):
    """(sources, target) of what comes from the tree."""
    return [(words[:-1], words[-1]) for words in map(str.split, instructions(stage, "COPY"))
            if not words[0].startswith("--from")]


def packages(stage):
    run = next(text for text in instructions(stage, "RUN") if "apt-get install" in text)
    words = re.search(r"apt-get install (.*?)&&", run)[1].split()
    return {word for word in words if not word.startswith("-")}


@functools.lru_cache(maxsize=None)
def owner(real):
    """The package of a file; files below /lib are recorded there or below /usr/lib."""
    for path in (real, real.removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return f"no package of {real}"


def loaded(program, directly):
    """The packages of the libraries that it loads."""
    where = dict(re.findall(r"(\S+) => (/\S+)", output("ldd", program)))
    needed = re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", program))
    return {owner(os.path.realpath(path)) for name, path in where.items() if not directly or name in needed}


def with_dependencies(names):
    """Those packages, and all that apt installs with them."""
    done, left = set(), list(names)
    while left:
        name = left.pop()
        if name in done:
            continue
        done.add(name)
        fields = output("dpkg-query", "-W", "-f", "${Depends}, ${Pre-Depends}", name)
        left += [re.split(r"[ :(]", choice.split("|")[0].strip())[0]
                 for choice in fields.split(",") if choice.strip()]
    return done


# In every Debian image: apt is written in C++.
BASE = {"libc6", "libgcc-s1", "libstdc++6"}


class Image(unittest.TestCase):
    def setUp(self):
        self.build, self.run_stage = stages()

    def test_both_stages_are_debian_12(self):
        for stage in (self.build, self.run_stage):
            self.assertRegex(stage[0][1], r"^debian:12(-slim)?( AS build)?$")

    def test_what_is_copied_is_there_and_reaches_the_build(self):
        passed = [line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")]
        self.assertIn("*", read(".dockerignore").splitlines())
        sources = {source for stage in (self.build, self.run_stage)
                   for names, _ in copied(stage) for source in names}
        for source in sources:
            self.assertTrue(os.path.exists(os.path.join(ROOT, source)), source)
        self.assertEqual(sorted(passed), sorted(sources))

    def test_all_that_cmake_adds_is_copied(self):
        text = read("CMakeLists.txt").split("if(BUILD_TESTING)")[0]
        names = set(re.findall(r"add_folder\((\w+)", text)) | {"cmake"}
        sources = {source for names, _ in copied(self.build) for source in names}
        self.assertLessEqual(names, sources)

    def test_the_packages_to_compile_are_those_of_the_project(self):
        self.assertIn("scripts/deps.sh --compile", instructions(self.build, "RUN"))
        self.assertNotIn("apt-get", " ".join(instructions(self.build, "RUN")))

    def test_the_packages_to_run_are_those_that_are_loaded(self):
        if not OPTIONS.programs or not shutil.which("dpkg-query"):
            self.skipTest("no --programs, or no dpkg to ask")
        programs = [os.path.join(OPTIONS.programs, name) for name in PROGRAMS]
        here = packages(self.run_stage)
        direct = set().union(*(loaded(program, directly=True) for program in programs))
        self.assertEqual(direct - BASE, here - {"ca-certificates"})
        everything = set().union(*(loaded(program, directly=False) for program in programs))
        self.assertLessEqual(everything, with_dependencies(here | BASE))

    def test_it_runs_as_the_user_of_the_chart(self):
        values = read("charts/raycord/values.yaml")
        user = re.search(r"runAsUser: (\d+)", values)[1]
        group = re.search(r"runAsGroup: (\d+)", values)[1]
        self.assertEqual([f"{user}:{group}"], instructions(self.run_stage, "USER"))
        self.assertNotEqual("0", user)

    def test_ports_and_log_are_those_of_the_chart(self):
        chart = read("test/chart/golden/webhook.yaml")
        ports = re.findall(r"containerPort: (\d+)", chart)
        self.assertEqual(ports, instructions(self.run_stage, "EXPOSE")[0].split())
        volume = instructions(self.run_stage, "VOLUME")[0]
        self.assertIn(f"mountPath: {volume}\n", chart)
        self.assertIn(f"--log-dir={volume}/log\n", chart)
        self.assertEqual([f"RAYCORD_LOG={volume}/log"], instructions(self.run_stage, "ENV"))


class Chroot:
    """A stage carried out below a directory; what comes from another stage comes from DIR."""

    def __init__(self, root):
        self.root = root
        self.directory = "/"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.user = "0:0"

    def command(self, *words):
        environment = [f"{key}={value}" for key, value in self.environment.items()]
        return ["chroot", f"--userspec={self.user}", self.root, "/usr/bin/env", "-i",
                "-C", self.directory, *environment, *words]

    def inside(self, path):
        return os.path.join(self.root, os.path.join(self.directory, path).lstrip("/"))

    def copy(self, words):
        programs = words[0] == "--from=build"
        *sources, target = words[1:] if programs else words
        base = OPTIONS.programs if programs else ROOT
        for source in sources:
            source = os.path.join(base, os.path.basename(source) if programs else source)
            into = self.inside(target)
            if os.path.isdir(source):
                shutil.copytree(source, into, dirs_exist_ok=True)
                continue
            if target.endswith("/"):
                os.makedirs(into, exist_ok=True)
            shutil.copy(source, into)

    def carry_out(self, stage):
        for word, rest in stage:
            if word in ("FROM", "VOLUME", "EXPOSE", "ENTRYPOINT"):
                continue
            print(f"-- {word} {rest}", flush=True)
            if word == "WORKDIR":
                os.makedirs(self.inside(rest), exist_ok=True)
                self.directory = rest
            elif word == "ENV":
                self.environment.update([rest.split("=", 1)])
            elif word == "USER":
                self.user = rest
            elif word == "COPY":
                self.copy(rest.split())
            elif word == "RUN":
                subprocess.run(self.command("sh", "-c", rest), check=True)
            else:
                sys.exit(f"image_test.py does not know the instruction {word}")


def in_chroot():
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("SKIPPED image: --chroot needs root and debootstrap")
        return SKIPPED
    build, run = stages()
    with tempfile.TemporaryDirectory(prefix="raycord-image.") as root:
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True,
                       stdout=subprocess.DEVNULL)
        os.chmod(root, 0o755)  # The image's user must get in.
        os.remove(f"{root}/etc/apt/sources.list")
        for path in glob.glob("/etc/apt/sources.list*") + ["/etc/apt/apt.conf.d/"]:
            if os.path.isdir(path):
                shutil.copytree(path, root + path, dirs_exist_ok=True)
            else:
                shutil.copy(path, root + path)
        image = Chroot(root)
        if OPTIONS.stage == "build":
            image.carry_out(build)
            for name in PROGRAMS:
                subprocess.run(image.command(f"build/release/bin/{name}", "--version"), check=True)
            return 0
        image.carry_out(run)
        return started(image)


def started(image):
    """Whether the programs work in the image as its user: the operator, then the log it wrote."""
    log = image.environment["RAYCORD_LOG"]
    subprocess.run(image.command("id"), check=True)
    arguments = ["--sandbox", "--log-dir", log, "--metrics-addr", "0",
                 "--health-probe-bind-address", "0"]
    done = subprocess.run(image.command("timeout", "--preserve-status", "5", "raycord-operator",
                                        *arguments), capture_output=True, text=True, timeout=60)
    print(done.stderr[-2000:], end="")
    if done.returncode != 0:
        print(f"FAILED: raycord-operator ended with {done.returncode}")
        return 1
    return subprocess.run(image.command("raycord", "log", "verify"), timeout=60).returncode


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", metavar="DIR")
    parser.add_argument("--chroot", action="store_true")
    parser.add_argument("--stage", choices=["build", "run"], default="run")
    OPTIONS = parser.parse_args()
    if OPTIONS.chroot:
        return in_chroot()
    return 0 if unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
