# Two commands on a fresh machine: `make demo` sees it work, `make test` proves it. Both set up what is missing.
# `make install PREFIX=…` puts the program where it stays without the checkout, `make package` makes a .deb and a tarball of it.

CONFIGURATION ?= release
PALIMPSEST = .build/$(CONFIGURATION)/palimpsest
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: demo test build setup lint format bench clean installable install uninstall package

demo: build
	$(PALIMPSEST) demo

test: setup
	swift build -c $(CONFIGURATION) --build-tests
	swift test -c $(CONFIGURATION) --skip-build

build: setup
	swift build -c $(CONFIGURATION)

setup:
	@scripts/setup

# The program with Swift's runtime in it, which finds its libraries beside it (scripts/install says where), built apart from what
# `make build` makes.
INSTALLABLE = .build/installable
installable: setup
	scripts/installable $(INSTALLABLE)

# Builds as you and installs as you; where PREFIX is root's, says what to run with sudo.
install: installable
	scripts/install --build $(INSTALLABLE)/program --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

uninstall:
	scripts/install --remove --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

# dist/palimpsest_VERSION_ARCHITECTURE.deb and dist/palimpsest-VERSION-linux-MACHINE.tar.gz
package: installable
	scripts/package --build $(INSTALLABLE)/program --out dist

lint:
	swift format lint --strict --parallel --recursive Sources Tests Package.swift

format:
	swift format --in-place --parallel --recursive Sources Tests Package.swift

# Beside timm, transformers, h5py and numpy: see docs/performance.md.
bench: build
	scripts/bench/compare.py --palimpsest $(PALIMPSEST)

clean:
	swift package clean
