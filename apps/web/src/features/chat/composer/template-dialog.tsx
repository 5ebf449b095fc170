import { fillTemplate, type PromptTemplate, templateVariables } from '@prodigon/contracts/conversations';
import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../../design/button.tsx';
import { Dialog, DialogTitle } from '../../../design/dialog.tsx';
import { Field } from '../../../design/form-controls.tsx';
import { TextArea } from '../../../design/text-area.tsx';
import { TemplateForm } from './template-form.tsx';
import { removeTemplate, templatesQuery } from './template-queries.ts';

interface TemplateDialogProps {
  /** Called with the text for the composer. */
  onInsert: (text: string) => void;
  onClose: () => void;
}

type Step = { type: 'list' } | { type: 'new' } | { type: 'fill'; template: PromptTemplate };

/** Chooses a prompt template, asks for the values of its variables, and inserts its text. */
export default function TemplateDialog({ onInsert, onClose }: TemplateDialogProps) {
  const [step, setStep] = useState<Step>({ type: 'list' });
  const insert = (text: string) => {
    onInsert(text);
    onClose();
  };
  const choose = (template: PromptTemplate) => {
    if (templateVariables(template.content).length === 0) insert(template.content);
    else setStep({ type: 'fill', template });
  };
  return (
    <Dialog placement="form" onClose={onClose}>
      {step.type === 'list' && <TemplateList onChoose={choose} onNew={() => setStep({ type: 'new' })} />}
      {step.type === 'new' && <TemplateForm onDone={() => setStep({ type: 'list' })} />}
      {step.type === 'fill' && (
        <TemplateValues template={step.template} onInsert={insert} onBack={() => setStep({ type: 'list' })} />
      )}
    </Dialog>
  );
}

interface TemplateListProps {
  onChoose: (template: PromptTemplate) => void;
  onNew: () => void;
}

function TemplateList({ onChoose, onNew }: TemplateListProps) {
  const { data, error, refetch, isPending } = useQuery(templatesQuery);
  const [filter, setFilter] = useState('');
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const templates = (data ?? []).filter(
    ({ kind, name, content }) => kind === 'question' && words.every((word) => `${name} ${content}`.toLowerCase().includes(word)),
  );
  const [first] = templates;
  return (
    <>
      <DialogTitle>Insert a prompt template</DialogTitle>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          if (first) onChoose(first);
        }}
      >
        <input
          aria-label="Filter templates"
          placeholder="Filter by name or text"
          autoComplete="off"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="field"
        />
      </form>
      {error && (
        <p role="alert" className="mt-3 flex items-center gap-2 text-sm text-bad">
          {error.message} <Button onClick={() => void refetch()}>Retry</Button>
        </p>
      )}
      <ul aria-label="Templates" className="mt-3 flex flex-col gap-1">
        {templates.map((template) => (
          <li key={template.id} className="flex items-center gap-1">
            <button
              type="button"
              onClick={() => onChoose(template)}
              className="min-w-0 flex-1 rounded-sm px-3 py-2 text-left hover:bg-surface-2"
            >
              <span className="block font-medium wrap-anywhere">{template.name}</span>
              <span className="block truncate text-sm text-text-2">{template.content}</span>
            </button>
            <IconButton label={`Delete template ${template.name}`} onClick={() => void removeTemplate(template.id)}>
              <Trash2 aria-hidden size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      {!isPending && !error && templates.length === 0 && (
        <p className="px-3 py-2 text-text-2">
          {filter === '' ? 'No templates yet. A template is a text with variables such as {{topic}}.' : 'No matching templates'}
        </p>
      )}
      <div className="mt-4 flex justify-end">
        <Button onClick={onNew}>
          <Plus aria-hidden size={16} /> New template
        </Button>
      </div>
    </>
  );
}

interface TemplateValuesProps {
  template: PromptTemplate;
  onInsert: (text: string) => void;
  onBack: () => void;
}

function TemplateValues({ template, onInsert, onBack }: TemplateValuesProps) {
  const variables = templateVariables(template.content);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(variables.map(({ name, defaultValue }) => [name, defaultValue])),
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onInsert(fillTemplate(template.content, values));
      }}
    >
      <DialogTitle>{template.name}</DialogTitle>
      {variables.map(({ name }, index) => (
        <Field key={name} label={name}>
          {(control) => (
            <TextArea
              {...control}
              rows={1}
              grows
              value={values[name] ?? ''}
              onChange={(value) => setValues((before) => ({ ...before, [name]: value }))}
              autoFocus={index === 0}
              className="field max-h-[calc(6lh+1rem)] resize-none"
            />
          )}
        </Field>
      ))}
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onBack}>
          Back
        </Button>
        <Button variant="primary" type="submit">
          Insert
        </Button>
      </div>
    </form>
  );
}
