# SPDX-License-Identifier: Apache-2.0

PREFIX ?= /usr/local
# A test, suite or module to run alone: make test FILTER=ZarrTests
FILTER ?=

.PHONY: help demo build install test lint setup bench faults fuzz sanitize clean
.DEFAULT_GOAL := help

help: ## What there is to make
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: build ## The main job on volumes it makes itself: no data needed, under five minutes
	.build/release/vemdb demo $(DIRECTORY)

# The commit is noted after the program is built: vemdb believes a note only if it is newer than itself.
build: setup ## The program, .build/release/vemdb
	swift build -c release --product vemdb
	@git describe --always --dirty > .build/release/vemdb.commit 2>/dev/null || rm -f .build/release/vemdb.commit

install: build ## The program into PREFIX/bin (default /usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 .build/release/vemdb "$(DESTDIR)$(PREFIX)/bin/vemdb"
	for folder in .build/release/*.resources; do \
	  if [ -d "$$folder" ]; then cp -RL "$$folder" "$(DESTDIR)$(PREFIX)/bin/"; fi; done
	if [ -f .build/release/vemdb.commit ]; then \
	  install -m 644 .build/release/vemdb.commit "$(DESTDIR)$(PREFIX)/bin/vemdb.commit"; fi

test: ## All tests, other people's programs included (make test FILTER=ZarrTests: some of them)
	@Scripts/setup --tests
	@Scripts/test $(if $(FILTER),'$(FILTER)')

lint: ## Style of all Swift files, syntax of all scripts
	swift format lint --strict --parallel --recursive Package.swift Sources Tests schema Benchmarks/Package.swift Benchmarks/Sources
	@for script in .ci/run $(filter-out %.txt,$(wildcard Scripts/*)) $(wildcard Examples/*.sh); do bash -n "$$script" || exit 1; done

setup: ## What the build needs from the system
	@Scripts/setup

bench: setup ## How fast the parts are on this machine
	cd Benchmarks && swift run -c release storage

faults: build ## Kills, failing disks and power cuts at random points of all that writes (SEED=1, SECONDS=900)
	mkdir -p .build/faults
	$(CC) -O1 -Wall -Wextra -Werror -shared -fPIC -o .build/faults/filefaults.so Tests/Faults/filefaults.c -ldl
	python3 Tests/Faults/faults.py --vemdb .build/release/vemdb --library .build/faults/filefaults.so \
	  --seed $(or $(SEED),1) --seconds $(or $(SECONDS),900)
	python3 Tests/Faults/trainkills.py --vemdb .build/release/vemdb --seed $(or $(SEED),1) --kills $(or $(KILLS),50)

# Inputs, seed and first number: make fuzz FUZZ="1 7 4711" runs one input again.
FUZZ ?= 1000000

fuzz: setup ## A million damaged Zarr hierarchies, read
	cd Benchmarks && swift run -c release fuzz $(FUZZ)

sanitize: setup ## The tests of Arrays and Zarr under the address and the thread sanitizer
	@Scripts/sanitize address $(if $(FILTER),'$(FILTER)')
	@Scripts/sanitize thread $(if $(FILTER),'$(FILTER)')

clean: ## Everything that was built
	rm -rf .build .build-testing .build-address .build-thread .venv-*
