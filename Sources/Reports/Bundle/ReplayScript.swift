/// `replay.py` of a bundle: for readers without Palimpsest. It draws every figure's numbers with matplotlib, and computes once more with numpy
/// what follows from the tables in the bundle. It is the same in every bundle.
enum ReplayScript {
  static let name = "replay.py"

  static var text: String {
    [
      start, PythonDrawing.looks, PythonDrawing.series, PythonDrawing.distributions, PythonDrawing.forest,
      PythonDrawing.matrix, PythonDrawing.pictures, checks, end,
    ].joined(separator: "\n\n\n")
      + "\n"
  }

  private static let start = #"""
    #!/usr/bin/env python3
    """Checks this bundle and draws its figures again, without Palimpsest.

        python3 replay.py                   # checks, and draws into redrawn/
        python3 replay.py --out FOLDER      # draws into FOLDER
        python3 replay.py --no-figures      # only checks

    Needs Python 3.9, numpy and, to draw, matplotlib 3.5. Exit status 1 where something is not what it should be, 2 where numpy is missing.

    Checked are the hash of every file; the pictures in figures against pictures.csv; means over images, from the tables that end in _images.csv;
    paired differences, effect sizes and corrected p-values; differences of similarities; that every number that a figure shows stands in the tables of
    the results. Not checked are bootstrap intervals and p-values of drawn signs, which need the same random numbers: how many intervals lie where
    a normal approximation puts them is counted. The program itself draws every figure again byte for byte: palimpsest replay.
    """
    import argparse
    import csv
    import hashlib
    import json
    import math
    import sys
    from pathlib import Path

    try:
        import numpy
    except ImportError:
        print("replay.py needs numpy: python3 -m pip install numpy matplotlib", file=sys.stderr)
        sys.exit(2)
    try:
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.colors
        import matplotlib.lines
        import matplotlib.pyplot as plt
    except ImportError:
        plt = None

    ROOT = Path(__file__).resolve().parent
    NUMBERS = ("value", "low", "high", "n")
    csv.field_size_limit(1 << 30)


    def table(file):
        with open(file, newline="", encoding="utf-8") as text:
            return list(csv.DictReader(text))


    def is_near(first, second):
        return abs(first - second) <= 1e-9 * max(1, abs(first), abs(second))
    """#

  private static let checks = #"""
    class Tally:
        """What was compared, and what differed."""

        def __init__(self):
            self.wrong = 0

        def say(self, what, compared, differing, note=""):
            self.wrong += len(differing)
            print(f"{what}: {compared} compared, {len(differing)} differ{'; ' + note if note else ''}")
            for line in differing[:10]:
                print(f"  {line}")
            if len(differing) > 10:
                print(f"  and {len(differing) - 10} more")


    def check_files(tally):
        differing, listed = [], {}
        for line in (ROOT / "SHA256SUMS").read_text(encoding="utf-8").split("\n"):
            if line:
                listed[line[66:]] = line[:64]
        for name, digest in listed.items():
            file = ROOT / name
            if not file.is_file():
                differing.append(f"{name} is missing")
            elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                differing.append(f"{name} is not the file that was bundled")
        tally.say("files by their hashes", len(listed), differing)


    def check_pictures(tally):
        """The pixels of the figures' pictures, in the order of the tiles."""
        if plt is None:
            return print("pictures: not compared, matplotlib is not installed")
        expected, count, reduced, differing = {}, 0, 0, []
        for row in table(ROOT / "pictures.csv"):
            expected.setdefault(row["figure"], []).append(row)
        for name in expected:
            record = json.loads((ROOT / f"report/data/{name}.json").read_text(encoding="utf-8"))
            files = [file for file in record.get("pictures", []) if file]
            if len(files) != len(expected[name]):
                reduced += len(expected[name])
                continue
            for file, row in zip(files, expected[name]):
                pixels = plt.imread(ROOT / "report" / file)[..., :3]
                pixels = (pixels * 255).round().astype("uint8") if pixels.dtype != numpy.uint8 else pixels
                if pixels.shape[:2] != (int(row["height"]), int(row["width"])):
                    reduced += 1
                    continue
                count += 1
                if hashlib.sha256(pixels.tobytes()).hexdigest() != row["sha256_rgb"]:
                    differing.append(f"report/{file} is not the picture of pictures.csv")
        tally.say("pictures by their pixels", count, differing, f"{reduced} are left out of the bundle or made smaller" if reduced else "")


    def means(values, metric):
        """What a table's value of a metric is made of the values of images; psnr_of_mean and psnr_median are made of psnr."""
        if metric == "psnr_of_mean":
            return -10 * math.log10(numpy.mean(10 ** (-values / 10)))
        if metric == "psnr_median":
            return float(numpy.median(values))
        if metric == "within_spread":
            return math.sqrt(numpy.mean(values ** 2))
        return float(numpy.mean(values))


    def check_means(tally, images_file, file):
        images, rows = table(images_file), table(file)
        if not images or not rows or "value" not in images[0] or "metric" not in rows[0]:
            return
        labels = [name for name in rows[0] if name in images[0] and name not in NUMBERS and name != "metric"]
        found = {}
        for row in images:
            if row["value"]:
                found.setdefault((row["metric"], *(row[name] for name in labels)), []).append(float(row["value"]))
        compared, without, inside, differing = 0, 0, 0, []
        for row in rows:
            source = "psnr" if row["metric"] in ("psnr_of_mean", "psnr_median") else row["metric"]
            values = found.get((source, *(row[name] for name in labels)))
            if values is None or not row["value"]:
                without += 1
                continue
            values, compared = numpy.array(values), compared + 1
            value = means(values, row["metric"])
            if not is_near(value, float(row["value"])) or ("n" in row and row["n"] != str(len(values))):
                differing.append(f"{row['metric']} of {', '.join(row[name] for name in labels)}: {row['value']} (n = {row.get('n')}), "
                                 f"from {images_file.name} {value} (n = {len(values)})")
            if row.get("low") and row.get("high") and len(values) > 1 and row["metric"] == source:
                width, reach = float(row["high"]) - float(row["low"]), 3.92 * values.std(ddof=1) / math.sqrt(len(values))
                inside += abs(width - reach) <= 0.25 * max(width, reach)
        tally.say(f"{file.relative_to(ROOT)}: means over images", compared, differing,
                  f"{without} are no means over images that the bundle has; {inside} intervals are as wide as the normal approximation, within a quarter")


    def ranks(values):
        """From 1, ties by their mean."""
        order = numpy.argsort(values, kind="stable")
        result = numpy.empty(len(values))
        for number in numpy.unique(values):
            places = numpy.flatnonzero(values[order] == number)
            result[order[places]] = places.mean() + 1
        return result


    def adjusted(values, method):
        order = numpy.argsort(values, kind="stable")
        count, result = len(values), numpy.empty(len(values))
        if method == "holm":
            result[order] = numpy.minimum(1, numpy.maximum.accumulate(values[order] * (count - numpy.arange(count))))
        else:
            steps = values[order] * count / numpy.arange(1, count + 1)
            result[order] = numpy.minimum(1, numpy.minimum.accumulate(steps[::-1])[::-1])
        return result


    def setting(folder, name):
        file = folder / "provenance.json"
        entries = json.loads(file.read_text(encoding="utf-8")).get("settings", []) if file.is_file() else []
        return next((entry["value"] for entry in entries if isinstance(entry, dict) and entry.get("name") == name), None)


    def check_differences(tally, folder):
        """Of quality: the first store less the second, image by image."""
        rows = table(folder / "quality_differences.csv")
        values, paths = {}, {}
        for row in table(folder / "quality_images.csv"):
            key = row["store"], row["condition"], row["tap"], row["metric"]
            count = paths.setdefault(key, {})
            count[row["path"]] = count.get(row["path"], 0) + 1
            if row["value"]:  # two images of one path in their order
                values.setdefault(key, {})[row["path"], count[row["path"]]] = float(row["value"])
        compared, differing = 0, []
        for row in rows:
            a = values.get((row["store_a"], row["condition"], row["tap"], row["metric"]), {})
            b = values.get((row["store_b"], row["condition"], row["tap_b"], row["metric"]), {})
            d = numpy.array([a[key] - b[key] for key in a if key in b])
            if not len(d) or not row["difference"]:
                continue
            compared += 1
            what = f"{row['metric']} of {row['store_a']} less {row['store_b']} at {row['tap']}"
            if not is_near(d.mean(), float(row["difference"])) or str(len(d)) != row["n"]:
                differing.append(f"{what}: {row['difference']} (n = {row['n']}), from the images {d.mean()} (n = {len(d)})")
            if row.get("effect_size") and d.std() > 0 and not is_near(d.mean() / d.std(ddof=1), float(row["effect_size"])):
                differing.append(f"{what}: effect size {row['effect_size']}, from the images {d.mean() / d.std(ddof=1)}")
            d = d[d != 0]
            if row.get("rank_biserial") and len(d):
                size = ranks(numpy.abs(d))
                if not is_near(float((size * numpy.sign(d)).sum() / size.sum()), float(row["rank_biserial"])):
                    differing.append(f"{what}: rank-biserial correlation {row['rank_biserial']}")
        families, method = {}, setting(folder, "correction") or "holm"
        for row in rows:
            if row.get("p_value"):
                families.setdefault((row["metric"], row["match"]), []).append(row)
        count = 0
        for family, members in families.items():
            raised = adjusted(numpy.array([float(row["p_value"]) for row in members]), method)
            count += len(members)
            differing += [f"p_adjusted of {', '.join(family)}: {row['p_adjusted']}, expected {value}" for row, value in zip(members, raised)
                          if not is_near(value, float(row["p_adjusted"]))]
        tally.say(f"{(folder / 'quality_differences.csv').relative_to(ROOT)}: paired differences, {count} p-values corrected ({method})", compared, differing)


    def check_similarity_differences(tally, folder):
        known = {}
        for row in table(folder / "similarity.csv"):
            for a, b in ((("store_a", "tap_a"), ("store_b", "tap_b")), (("store_b", "tap_b"), ("store_a", "tap_a"))):
                known[tuple(row[name] for name in (*a, *b, "measure", "estimator"))] = row["value"]
        compared, differing = 0, []
        for row in table(folder / "similarity_differences.csv"):
            two = [known.get((row["store_a"], row["tap_a"], row[f"store_{other}"], row[f"tap_{other}"], row["measure"], row["estimator"])) for other in "bc"]
            if not all(two) or not row["difference"]:
                continue
            compared += 1
            if not is_near(float(two[0]) - float(two[1]), float(row["difference"])):
                differing.append(f"{row['store_a']} {row['tap_a']}: {row['difference']}, from similarity.csv {float(two[0]) - float(two[1])}")
        tally.say(f"{(folder / 'similarity_differences.csv').relative_to(ROOT)}: differences", compared, differing)


    def check_results(tally):
        """Returns every number in the tables of the results."""
        if not (ROOT / "results").is_dir():
            print("results: the bundle has none, so that only hashes and pictures are compared")
            return None
        numbers = set()
        for file in sorted((ROOT / "results").rglob("*.csv")):
            rows = table(file)
            if not file.stem.endswith("_images"):
                for row in rows:
                    for field in row.values():
                        try:
                            numbers.add(float(field))
                        except (TypeError, ValueError):
                            pass
            images = file.with_name(file.stem + "_images.csv")
            if images.is_file():
                check_means(tally, images, file)
            if file.name == "quality_differences.csv" and file.with_name("quality_images.csv").is_file():
                check_differences(tally, file.parent)
            if file.name == "similarity_differences.csv" and file.with_name("similarity.csv").is_file():
                check_similarity_differences(tally, file.parent)
        return numbers
    """#

  private static let end = #"""
    def check_drawn(name, rows, numbers, counts):
        """Whether the numbers that a figure shows stand in the results; others are computed for the figure."""
        for row in rows:
            for key in ("y", "low", "high", "value"):
                if row.get(key):
                    counts[name][0 if float(row[key]) in numbers else 1] += 1


    def main():
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--out", type=Path, default=ROOT / "redrawn", help="a folder for the pictures")
        parser.add_argument("--no-figures", action="store_true", help="draw nothing")
        options = parser.parse_args()
        tally = Tally()
        check_files(tally)
        check_pictures(tally)
        numbers = check_results(tally)
        names = json.loads((ROOT / "report/data/report.json").read_text(encoding="utf-8"))["figures"]
        counts, drawn, failed = {name: [0, 0] for name in names}, 0, []
        for name in names:
            file = ROOT / f"report/figures/{name}.csv"
            facts = json.loads((ROOT / f"report/data/{name}.json").read_text(encoding="utf-8")).get("numbers")
            if not file.is_file() or facts is None:
                failed.append(f"{name}: there is no table of its numbers")
                continue
            rows = table(file)
            if numbers is not None:
                check_drawn(name, rows, numbers, counts)
            if options.no_figures or plt is None:
                continue
            draw = {"matrix": draw_matrix, "pictures": draw_pictures, "distributions": draw_distributions, "forest": draw_forest}.get(facts["form"], draw_series)
            try:
                figure = draw(rows, facts, ROOT / "report")
                options.out.mkdir(parents=True, exist_ok=True)
                figure.savefig(options.out / f"{name}.png", dpi=110)
                plt.close(figure)
                drawn += 1
            except Exception as error:  # one figure must not hide the others
                failed.append(f"{name}: {type(error).__name__}: {error}")
        if numbers is not None:
            known, computed = (sum(count[place] for count in counts.values()) for place in (0, 1))
            print(f"numbers that figures show: {known} stand in the tables of the results, {computed} are computed for the figure")
            for name, (_, other) in counts.items():
                if other:
                    print(f"  {name}: {other}")
        if plt is None:
            print("no figure is drawn: matplotlib is not installed (python3 -m pip install matplotlib)")
        elif not options.no_figures:
            print(f"{drawn} of {len(names)} figures are drawn in {options.out}")
        for line in failed:
            print(f"  {line}")
        if tally.wrong or failed:
            print(f"{tally.wrong + len(failed)} things are not what they should be")
            return 1
        print("all is as it should be")
        return 0


    if __name__ == "__main__":
        sys.exit(main())
    """#
}
