# Short names for npm scripts. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run run-gateway run-model run-worker test lint health install-frontend run-frontend build-frontend run-docker update-docker stop-docker clean

TASK := node scripts/setup.mjs
# Arguments for the task, e.g. make test ARGS=packages/stack
ARGS :=

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the packages, build the web UI and bundle the apps
	@$(TASK) setup

run: ## start the platform (npm start)
	@$(TASK) start $(ARGS)

run-gateway: ## run the gateway alone, in the foreground
	@$(TASK) gateway

run-model: ## run the model service alone, in the foreground
	@$(TASK) model

run-worker: ## run the worker alone, in the foreground, with its database
	@$(TASK) worker $(ARGS)

test: ## run the tests (npm test)
	@$(TASK) test $(ARGS)

lint: ## check types, style and import rules (npm run check)
	@$(TASK) check

health: ## show the state of each service
	@node apps/cli/bin/prodigon.mjs health $(ARGS)

install-frontend: ## install the packages (the web UI shares them)
	@$(TASK) install

run-frontend: ## run the web UI for development, on port 5173
	@$(TASK) web $(ARGS)

build-frontend: ## build the web UI and bundle the apps
	@$(TASK) build

run-docker: ## start the platform in containers, with Docker Compose or podman-compose
	@scripts/containers.sh run

update-docker: ## replace the containers one after another, by those of the current code
	@scripts/containers.sh update

stop-docker: ## stop the containers; keep their data
	@scripts/containers.sh stop

clean: ## remove the packages and everything built; keep the data folder
	@rm -rf node_modules apps/*/node_modules packages/*/node_modules services/*/node_modules apps/*/dist coverage
