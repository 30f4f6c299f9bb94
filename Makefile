# Two commands on a fresh machine: `make demo` sees it work, `make test` proves it. Both set up what is missing.

CONFIGURATION ?= release
PALIMPSEST = .build/$(CONFIGURATION)/palimpsest

.PHONY: demo test build setup lint format bench clean

demo: build
	$(PALIMPSEST) demo

test: setup
	swift build -c $(CONFIGURATION) --build-tests
	swift test -c $(CONFIGURATION) --skip-build

build: setup
	swift build -c $(CONFIGURATION)

setup:
	@scripts/setup

lint:
	swift format lint --strict --parallel --recursive Sources Tests Package.swift

format:
	swift format --in-place --parallel --recursive Sources Tests Package.swift

# Beside timm, transformers, h5py and numpy: see docs/performance.md.
bench: build
	scripts/bench/compare.py --palimpsest $(PALIMPSEST)

clean:
	swift package clean
