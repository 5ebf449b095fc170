import { AppError } from '@prodigon/contracts';
import { TEMPLATE_LIMITS } from '@prodigon/contracts/conversations';
import { useState } from 'react';
import { Button } from '../../../design/button.tsx';
import { DialogTitle } from '../../../design/dialog.tsx';
import { Field } from '../../../design/form-controls.tsx';
import { TextArea } from '../../../design/text-area.tsx';
import { createTemplate } from './template-queries.ts';

/** The form for a new prompt template. */
export function TemplateForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [content, setContent] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const isValid = name.trim() !== '' && content.trim() !== '';
  const save = async () => {
    if (!isValid) return;
    try {
      await createTemplate({ name: name.trim(), content, kind: 'question' });
      onDone();
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
    }
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void save();
      }}
    >
      <DialogTitle>New template</DialogTitle>
      <Field label="Name">
        {(control) => (
          <input
            {...control}
            value={name}
            maxLength={TEMPLATE_LIMITS.nameCharactersMax}
            onChange={(event) => setName(event.target.value)}
            className="field"
          />
        )}
      </Field>
      <Field label="Text" hint="Variables: {{name}}, or {{name=default value}}">
        {(control) => (
          <TextArea
            {...control}
            rows={6}
            maxLength={TEMPLATE_LIMITS.contentCharactersMax}
            value={content}
            onChange={setContent}
            className="field resize-y"
          />
        )}
      </Field>
      {failure !== null && (
        <p role="alert" className="text-sm text-bad">
          {failure}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onDone}>
          Back
        </Button>
        <Button variant="primary" type="submit" disabled={!isValid}>
          Save template
        </Button>
      </div>
    </form>
  );
}
