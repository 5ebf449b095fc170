# Thin names for what npm runs as well. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run run-gateway run-model run-worker test lint health install-frontend run-frontend build-frontend clean

TASK := node scripts/setup.mjs
# What to pass on, e.g. make test ARGS=packages/stack
ARGS :=

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the packages and build the page
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

health: ## show what the gateway measures of each service
	@node apps/cli/bin/prodigon.mjs health $(ARGS)

install-frontend: ## install the packages (the page shares them)
	@$(TASK) install

run-frontend: ## run the page for development, on port 5173
	@$(TASK) web $(ARGS)

build-frontend: ## build the page
	@$(TASK) build

clean: ## remove the packages and everything built; the data folder stays
	@rm -rf node_modules apps/*/node_modules packages/*/node_modules services/*/node_modules apps/web/dist coverage
