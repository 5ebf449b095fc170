import type { Model, RetiredModel } from '@prodigon/contracts';
import { Anchor, Content, Portal, Root } from '@radix-ui/react-popover';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Check, Plus, Search, Settings } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';
import { Link } from 'wouter';
import { useModels } from '../../../api/models-query.ts';
import { providersQuery } from '../../../api/providers-query.ts';
import { useMediaQuery, useNow } from '../../../design/browser-hooks.ts';
import { PanelDialog } from '../../../design/dialog.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { StatusIcon } from '../../../design/icons.tsx';
import { contextLabel, priceLabel, retirementLabel, shortContextLabel, shortPriceLabel } from '../../models/model-labels.ts';
import { ModelHealthStatus, ModelListNotices } from '../../models/model-status.tsx';
import { SETTINGS_PROVIDERS, SETTINGS_TABS } from '../../settings/settings-tabs.ts';
import { type ModelOption, modelOptionGroups } from './model-options.ts';

const TITLE = 'Choose a model';

interface ModelListboxProps {
  /** The button that opened it. */
  opener: RefObject<HTMLElement | null>;
  /** The selected model string; null for the default model. */
  selected: string | null;
  /** The id of the default model; null while it is unknown. */
  defaultModel: string | null;
  onSelect: (model: string | null) => void;
  /** Called on Escape and by the close button; the opener gets the focus back. */
  onClose: () => void;
  /** Called when the user presses or focuses another element, which keeps the focus. */
  onLeave: () => void;
}

/** The list of models: in a popover above the opener, and in a sheet at the bottom of a phone. */
export default function ModelListbox({ opener, onClose, onLeave, ...props }: ModelListboxProps) {
  const isSheet = useMediaQuery('(max-width: 639px)');
  if (isSheet) {
    return (
      <PanelDialog title={TITLE} placement="bottom" onClose={onClose}>
        <FilteredModels {...props} />
      </PanelDialog>
    );
  }
  return (
    <Root open>
      <Anchor virtualRef={opener as RefObject<HTMLElement>} />
      <Portal>
        <Content
          aria-label={TITLE}
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          onEscapeKeyDown={onClose}
          onInteractOutside={({ target }) => {
            // A press on the opener closes the popover by itself.
            if (!(target instanceof Node && opener.current?.contains(target))) onLeave();
          }}
          onCloseAutoFocus={(event) => event.preventDefault()}
          className="z-10 flex max-h-[min(34rem,var(--radix-popover-content-available-height))] w-124 max-w-[calc(100vw-6rem)] animate-[fade-in_120ms] flex-col rounded-md border border-border bg-bg shadow-xl"
        >
          <FilteredModels {...props} />
        </Content>
      </Portal>
    </Root>
  );
}

/** A filter over the models. The filter keeps the focus while the arrow keys move the active option. */
function FilteredModels({ selected, defaultModel, onSelect }: Pick<ModelListboxProps, 'selected' | 'defaultModel' | 'onSelect'>) {
  const { list, failure } = useModels();
  const { data: providers } = useQuery(providersQuery);
  const now = useNow();
  const id = useId();
  const [filter, setFilter] = useState('');
  const [activeKey, setActiveKey] = useState<string | null>(null);

  const groups = modelOptionGroups(list, filter, selected);
  const options = groups.flatMap((group) => group.options);
  const initial = filter === '' ? options.find(({ value }) => value === selected) : undefined;
  const active = options.find(({ key }) => key === activeKey) ?? initial ?? options[0];
  const activeIndex = active ? options.indexOf(active) : -1;
  const optionId = (option: ModelOption) => `${id}-${options.indexOf(option)}`;
  const activeId = active && optionId(active);

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const targets: Record<string, number> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      Home: 0,
      End: options.length - 1,
    };
    const target = targets[event.key];
    if (event.key === 'Enter') {
      if (active) onSelect(active.value);
    } else if (target !== undefined) setActiveKey(options[(target + options.length) % options.length]?.key ?? null);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="flex flex-col gap-2 border-b border-border p-2">
        <ModelListNotices problems={list?.problems ?? []} failure={failure} />
        <div className="relative">
          <Search aria-hidden size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-text-3" />
          <input
            role="combobox"
            aria-label="Filter models"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={activeId}
            placeholder="Filter by name, provider or description"
            autoComplete="off"
            spellCheck={false}
            maxLength={256}
            value={filter}
            onChange={(event) => {
              setFilter(event.target.value);
              setActiveKey(null);
            }}
            onKeyDown={onKeyDown}
            className="field pl-9 focus-visible:-outline-offset-1"
          />
        </div>
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Models" className="min-h-0 flex-1 overflow-y-auto p-1">
        {groups.map(({ label, options }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is not allowed in a listbox.
          <div key={label ?? ''} role="group" aria-label={label ?? 'Other'}>
            {label && (
              <div role="presentation" className="px-3 pt-3 pb-1 text-xs font-medium text-text-3">
                {label}
              </div>
            )}
            {options.map((option) => (
              <OptionRow
                key={option.key}
                id={optionId(option)}
                option={option}
                defaultModel={defaultModel}
                retired={list?.retired ?? []}
                now={now}
                isSelected={option.value === selected}
                isActive={option === active}
                onActive={() => setActiveKey(option.key)}
                onSelect={() => onSelect(option.value)}
              />
            ))}
          </div>
        ))}
      </div>
      {options.length === 0 && <p className="px-4 py-6 text-center text-text-2">No matching models</p>}
      <p role="status" className="sr-only">
        {filter === '' ? '' : formatCountOf(options.length, 'model')}
      </p>
      <div className="flex flex-wrap gap-x-4 border-t border-border p-2">
        {providers?.locked === null && (
          <Link
            href={SETTINGS_PROVIDERS}
            className="target inline-flex items-center gap-2 rounded-sm px-2 text-sm text-text-2 hover:bg-surface-2 hover:text-text"
          >
            <Plus aria-hidden size={16} /> Add a provider
          </Link>
        )}
        <Link
          href={SETTINGS_TABS[0].href}
          className="target inline-flex items-center gap-2 rounded-sm px-2 text-sm text-text-2 hover:bg-surface-2 hover:text-text"
        >
          <Settings aria-hidden size={16} /> Model settings
        </Link>
      </div>
    </>
  );
}

interface OptionRowProps {
  id: string;
  option: ModelOption;
  defaultModel: string | null;
  retired: readonly RetiredModel[];
  now: number;
  isSelected: boolean;
  /** Whether Enter selects it. */
  isActive: boolean;
  onActive: () => void;
  onSelect: () => void;
}

function OptionRow({ id, option, defaultModel, retired, now, isSelected, isActive, onActive, onSelect }: OptionRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the filter has the focus and handles the keys.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      onPointerMove={isActive ? undefined : onActive}
      // The filter keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onSelect}
      className={clsx(
        'flex cursor-pointer gap-3 rounded-sm px-3 py-1.5 text-sm',
        isActive && 'bg-surface-2 outline-2 -outline-offset-2 outline-control',
      )}
    >
      <div className="min-w-0 flex-1">
        <OptionText option={option} defaultModel={defaultModel} retired={retired} now={now} isActive={isActive} />
      </div>
      <Check aria-hidden size={16} className={clsx('mt-0.5 shrink-0 text-accent', !isSelected && 'invisible')} />
    </div>
  );
}

type OptionTextProps = Pick<OptionRowProps, 'option' | 'defaultModel' | 'retired' | 'now' | 'isActive'>;

function OptionText({ option, defaultModel, retired, now, isActive }: OptionTextProps) {
  switch (option.type) {
    case 'default':
      return (
        <>
          <p className="font-medium text-text">Default</p>
          <p className="text-text-2 wrap-anywhere">{defaultModel ?? 'The platform’s default model'}</p>
        </>
      );
    case 'other':
      return (
        <>
          <p className="font-mono font-medium text-text wrap-anywhere">{option.value}</p>
          <p className="text-text-2">Not listed by any provider, sent as typed</p>
        </>
      );
    case 'model':
      return <ModelText model={option.model} retired={retired} now={now} isDetailed={isActive} />;
  }
}

interface ModelTextProps {
  model: Model;
  retired: readonly RetiredModel[];
  now: number;
  /** Whether to show everything that is known. */
  isDetailed: boolean;
}

/** One line with name, context and price. The details follow for the active model and for models with a problem. */
function ModelText({ model, retired, now, isDetailed }: ModelTextProps) {
  const retirement = retirementLabel(model, retired);
  const { state } = model.health;
  const hasProblem = state !== 'ok' && state !== 'unknown';
  const facts = [shortContextLabel(model), model.price === null && !model.offline ? null : shortPriceLabel(model)];
  return (
    <>
      <p className="flex items-baseline gap-2">
        <span className="self-center">
          <StatusIcon status={state} size={10} />
        </span>
        <span className="min-w-0 flex-1 text-base font-medium text-text wrap-anywhere">{model.id}</span>
        <span className="tabular shrink-0 text-xs text-text-3">{facts.filter((fact) => fact !== null).join(' · ')}</span>
      </p>
      {(isDetailed || hasProblem) && (
        <div className="ps-4.5">
          {model.description && <p className="text-text-2">{model.description}</p>}
          <p className="text-text-3">
            <ModelHealthStatus health={model.health} now={now} />
          </p>
          {isDetailed && <p className="tabular text-text-3">{detailsOf(model)}</p>}
        </div>
      )}
      {retirement && <p className="ps-4.5 font-medium text-warn">{retirement}</p>}
    </>
  );
}

function detailsOf(model: Model): string {
  const price = model.price === null && !model.offline ? null : priceLabel(model);
  return [price, contextLabel(model)].filter((detail) => detail !== null).join(' · ');
}
