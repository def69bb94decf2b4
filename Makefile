# `make` alone says what there is.
PY := .venv/bin/python

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

up: ## start the whole platform on this machine, with demo accounts
	@python3 .ci/setup up
	@.venv/bin/cygnet up --demo

test: ## set up, then run every check and every test
	@python3 .ci/setup test
	@.ci/check

lint: ## only the static checks
	@python3 .ci/setup test
	@.ci/check lint

texts: ## bring the catalogues of texts up to date with the sources, and say what is not translated
	@python3 .ci/setup test
	@PATH="$$PWD/.venv/bin:$$PATH" .ci/texts

docs: ## check that the documentation covers every route, setting and command
	@python3 .ci/setup test
	@.ci/check docs

bench: ## measure against peers, side by side in one run
	@python3 .ci/setup bench
	@$(PY) -m tests.bench

storm: ## kill the service KILLS=1000 times under load; then random use by two laptops and a mount: nothing is lost
	@python3 .ci/setup test
	@$(PY) -m tests.storm $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))
	@$(PY) -m pytest -q --hypothesis-profile storm --timeout 7200 tests/integration/test_two_laptops.py tests/fs_bridge/test_mount_orders.py

.PHONY: help up test lint texts docs bench storm
.DEFAULT_GOAL := help
