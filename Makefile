# make demo: see it.  make test: all tests, JOBS=2 files at a time.  make check: style, types, imports.  make bench: speed.
# make simulate SEEDS=100000: relay, broker, inbox and policies under a seeded scheduler.
# make faults: what it stands; MINUTES=50 SEED=1 RATE=1000, FEW=1 for the fewest processes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= .fuquan/demo
EXIT ?=
JOBS ?= 2
SEEDS ?= 100000
MINUTES ?= 50
SEED ?= 1
RATE ?= 1000
FEW ?=

.PHONY: demo test check bench simulate faults clean servers tools containers lock

demo: $(VENV)/ready
	$(BIN)/fuquan demo --data $(DATA) $(if $(EXIT),--exit)

test: $(VENV)/ready servers tools
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

# The deployment in containers, and log and bus on the newest PostgreSQL and RabbitMQ and on the
# oldest, with an engine and images of its own where none are at hand.
ON_IMAGES := $(addprefix tests/integration/test_,log.py recorder.py bus.py relay.py inbound.py inbound_faults.py replay.py)
OLDEST := FUQUAN_TEST_POSTGRES_IMAGE=postgres:15 FUQUAN_TEST_RABBITMQ_IMAGE=rabbitmq:3.10-management
containers: $(VENV)/ready
	@sh infra/test-node.sh
	FUQUAN_CONTAINERS=required infra/test-engine.sh $(BIN)/python -m pytest $(ON_IMAGES) tests/containers
	$(OLDEST) FUQUAN_CONTAINERS=required infra/test-engine.sh $(BIN)/python -m pytest $(ON_IMAGES) \
		tests/containers/test_broker.py

check: $(VENV)/ready
	$(BIN)/ruff check shared services demo tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture tests/contracts

bench: $(VENV)/ready servers
	$(BIN)/python -m tests.bench

simulate: $(VENV)/ready
	$(BIN)/python -m tests.simulator --seeds $(SEEDS)

faults: $(VENV)/ready servers tools
	$(BIN)/python -m tests.faults --minutes $(MINUTES) --seed $(SEED) --rate $(RATE) $(if $(FEW),--few)

# RabbitMQ for the integration tests: from the environment, a container engine, or this machine;
# as root on Debian and Ubuntu it is installed, elsewhere the tests say what to install and fail.
servers:
	@sh infra/test-servers.sh

# Other people's programs that the tests check us with; the same way.
tools:
	@sh infra/test-tools.sh
	@sh infra/test-node.sh

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	touch $@

# Every library with its hashes: for developers, and for the images, of which one has PostgreSQL's tools.
LOCK := $(BIN)/pip-compile -q --generate-hashes --no-header --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: $(VENV)/ready
	$(BIN)/python -m pip install --disable-pip-version-check -q pip-tools
	$(LOCK) --extra embedded --extra parquet --extra dev -o requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock -o requirements-run.lock pyproject.toml
	$(LOCK) --extra embedded --constraint requirements.lock -o requirements-tools.lock pyproject.toml

clean:
	rm -rf $(VENV) .fuquan .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
