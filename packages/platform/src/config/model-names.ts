import type { FieldPath, ModelsFile, ProviderData } from './models-file-schema.ts';
import { isMisspelling } from './similar-names.ts';

/** Adds the location of a field to a message about it. */
type Locate = (field: FieldPath, message: string) => string;

interface NameReport {
  /** Names that contradict each other. */
  readonly problems: string[];
  /** Names that only a provider can confirm, but that are similar to one in the file. */
  readonly warnings: string[];
}

/** Checks the names of models, aliases, fallbacks and replacements in the file against each other. */
export function checkModelNames({ providers }: ModelsFile, locate: Locate): NameReport {
  const report: NameReport = { problems: [], warnings: [] };
  const names = new Set(Object.values(providers).flatMap(namesOf));
  for (const [provider, data] of Object.entries(providers)) {
    const field = ['providers', provider];
    checkAliases(data, field, locate, report);
    checkFallbacks(data, field, locate, report);
    checkReplacements(data, field, locate, report);
    for (const [reference, id] of referencesOf(data)) {
      const similar = names.has(id) ? undefined : [...names].find((name) => isMisspelling(id, name));
      if (similar !== undefined)
        report.warnings.push(locate([...field, ...reference], `${id} is not in the file. Did you mean ${similar}?`));
    }
  }
  return report;
}

const namesOf = ({ models = {}, retired = {} }: ProviderData) => [
  ...Object.entries(models).flatMap(([id, model]) => [id, ...(model?.aliases ?? [])]),
  ...Object.keys(retired),
];

function referencesOf({ models = {}, retired = {}, default_model }: ProviderData): [FieldPath, string][] {
  return [
    ...(default_model === undefined ? [] : [[['default_model'], default_model] as [FieldPath, string]]),
    ...Object.entries(models).flatMap(([id, model]) =>
      (model?.fallbacks ?? []).map((fallback): [FieldPath, string] => [['models', id, 'fallbacks'], fallback]),
    ),
    ...Object.entries(retired).map(([id, { use }]): [FieldPath, string] => [['retired', id, 'use'], use]),
  ];
}

function checkAliases({ models = {} }: ProviderData, field: FieldPath, locate: Locate, { problems }: NameReport): void {
  const owners = new Map<string, string>();
  for (const [id, model] of Object.entries(models)) {
    for (const alias of model?.aliases ?? []) {
      const at = [...field, 'models', id, 'aliases'];
      const owner = owners.get(alias);
      if (alias in models) problems.push(locate(at, `${alias} is already the id of a model`));
      else if (owner !== undefined) problems.push(locate(at, `${alias} is already an alias of ${owner}`));
      else owners.set(alias, id);
    }
  }
}

function checkFallbacks({ models = {} }: ProviderData, field: FieldPath, locate: Locate, { problems }: NameReport): void {
  for (const [id, model] of Object.entries(models)) {
    const { fallbacks = [], aliases = [] } = model ?? {};
    const at = [...field, 'models', id, 'fallbacks'];
    for (const [index, fallback] of fallbacks.entries()) {
      if (fallback === id || aliases.includes(fallback)) problems.push(locate(at, `${fallback} is the model itself`));
      else if (fallbacks.indexOf(fallback) < index) problems.push(locate(at, `${fallback} is in the list twice`));
    }
  }
}

function checkReplacements({ retired = {} }: ProviderData, field: FieldPath, locate: Locate, { problems }: NameReport): void {
  const reported = new Set<string>();
  for (const start of Object.keys(retired)) {
    const chain = [start];
    for (let next = retired[start]?.use; next !== undefined && !reported.has(next); next = retired[next]?.use) {
      chain.push(next);
      if (next === start) {
        problems.push(locate([...field, 'retired', start, 'use'], `retired models replace each other: ${chain.join(', ')}`));
        for (const id of chain) reported.add(id);
      }
      if (chain.indexOf(next) < chain.length - 1) break;
    }
  }
}
