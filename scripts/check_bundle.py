#!/usr/bin/env python3
"""Checks a bundle with what others wrote: Python's zipfile, unzip, sha256sum, rocrate and rocrate-validator.

    check_bundle.py BUNDLE.zip [--severity required|recommended] [--context context.jsonld]

Needs `pip install rocrate roc-validator pyyaml pillow` and unzip. The validator checks the profile Process Run Crate 0.5,
and with it RO-Crate 1.1; it fetches that specification's context from w3id.org, or, with --context, takes a copy of it
(docs/_specification/1.1/context.jsonld of https://github.com/ResearchObject/ro-crate). Ends with status 0 and a line
each, or with the first assertion that fails.
"""
import argparse
import csv
import email
import hashlib
import io
import subprocess
import sys
import tempfile
import urllib.request
import urllib.response
import warnings
import zipfile
from importlib.metadata import version
from pathlib import Path

import rdflib
import yaml
from rocrate.rocrate import ROCrate
from rocrate_validator import models, services


CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def check_zip(path, folder):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, "a CRC differs"
        names = [info.filename for info in archive.infolist()]
        assert names == sorted(names, key=lambda name: name.encode()), "not in the order of their bytes"
        assert len(set(names)) == len(names)
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist()), "a date"
        archive.extractall(folder)
    subprocess.run(["unzip", "-tqq", str(path)], check=True)
    print(f"zipfile and unzip: {len(names)} files")
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    listed = {line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(names) - {"SHA256SUMS"}, listed ^ set(names)
    print("sha256sum: every file")
    return names


def use_context(path):
    """Answers requests for the context of RO-Crate 1.1, of requests and of urllib, from a file."""
    import requests

    send, urlopen = requests.adapters.HTTPAdapter.send, urllib.request.urlopen

    def answer(self, request, **arguments):
        if request.url != CONTEXT:
            return send(self, request, **arguments)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = io.BytesIO(path.read_bytes())
        return response

    def opened(request, *arguments, **named):
        if getattr(request, "full_url", request) != CONTEXT:
            return urlopen(request, *arguments, **named)
        headers = email.message_from_string("Content-Type: application/ld+json\n\n")
        return urllib.response.addinfourl(io.BytesIO(path.read_bytes()), headers, CONTEXT, 200)

    requests.adapters.HTTPAdapter.send = answer
    rdflib._networking.urlopen = opened


def check_crate(folder, names, severity):
    crate = ROCrate(folder)
    described = {entity.id for entity in crate.data_entities}
    assert len(described) >= len(names) - 2, (len(described), len(names))
    for action in crate.get_by_type("CreateAction"):
        assert action["instrument"].type == "SoftwareApplication"
        for result in action.get("result", []):
            if result.id in described:
                data = (folder / result["name"]).read_bytes()
                assert result["sha256"] == hashlib.sha256(data).hexdigest() and result["contentSize"] == str(len(data))
    print(f"rocrate {version('rocrate')}: {len(described)} files, {len(crate.get_by_type('CreateAction'))} actions")
    settings = services.ValidationSettings(
        rocrate_uri=str(folder), profile_identifier="process-run-crate",
        requirement_severity=models.Severity[severity.upper()], no_cache=True)
    result = services.validate(settings)
    for issue in result.get_issues():
        print(f"  {issue.severity.name} {issue.check.identifier}: {issue.message}")
    assert result.passed(), "rocrate-validator refuses it"
    print(f"rocrate-validator {version('roc-validator')}: passes at {severity}")


def check_citation(folder):
    citation = yaml.safe_load((folder / "CITATION.cff").read_text())
    for key in ("cff-version", "message", "title", "authors", "type", "date-released"):
        assert citation[key], key
    print(f"CITATION.cff: {citation['title']}")


def check_pictures(folder):
    from PIL import Image

    rows = list(csv.DictReader(io.StringIO((folder / "pictures.csv").read_text())))
    hashes = set()
    for picture in folder.glob("report/data/*/*.png"):
        hashes.add(hashlib.sha256(Image.open(picture).convert("RGB").tobytes()).hexdigest())
    known = {row["sha256_rgb"] for row in rows}
    print(f"pictures.csv: {len(rows)} tiles; {len(hashes)} pictures in the bundle, {len(hashes & known)} at full size")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--severity", default="required", choices=["required", "recommended"])
    parser.add_argument("--context", type=Path, help="a copy of the context of RO-Crate 1.1")
    arguments = parser.parse_args()
    if arguments.context:
        use_context(arguments.context)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        names = check_zip(arguments.bundle.resolve(), folder)
        check_citation(folder)
        check_pictures(folder)
        check_crate(folder, names, arguments.severity)


if __name__ == "__main__":
    sys.exit(main())
