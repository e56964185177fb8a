# Every command a developer needs. `make help` lists them.

PRESET ?= dev
JOBS   ?= $(shell nproc)
BIN     = build/$(PRESET)/bin

SOURCES = $(shell git ls-files '*.h' '*.cc')

.PHONY: help deps build test test-long bench demo run format lint clean

help:            ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

deps:            ## Install what is missing, from the distribution
	@scripts/deps.sh

build: deps      ## Build everything (PRESET=dev|release|asan|tsan)
	@cmake --preset $(PRESET) --log-level=WARNING
	@cmake --build --preset $(PRESET) -j $(JOBS)

test: deps       ## All tests of one change: what CI runs
	@scripts/test.sh

test-long: deps  ## What takes hours: thread sanitizer, kill tests, real Ray, long simulations
	@scripts/test_long.sh

bench: deps      ## Measure everything that docs/figures.md tells
	@scripts/bench.sh

demo: deps       ## The guide, step by step, on the embedded cluster
	@scripts/demo.sh

run: deps        ## Leave operator and embedded cluster running, and say how to reach them
	@scripts/run.sh

format:          ## Reformat all sources
	@clang-format -i $(SOURCES)

lint:            ## Formatting and the short list of clang-tidy checks
	@scripts/deps.sh clang-tidy
	@scripts/lint.sh

clean:
	rm -rf build
