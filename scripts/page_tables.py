"""Tables of the documentation that a script writes anew from results, found by their header line."""


def replace(text, header, rows):
    """`text` with `rows` below the table header `header` (`| a | b |`) instead of those that are there."""
    start = text.index(header)
    end = text.index("\n\n", start)
    return text[:start] + header + "\n" + "|---" * header.count("| ") + "|\n" + "\n".join(rows) + text[end:]
