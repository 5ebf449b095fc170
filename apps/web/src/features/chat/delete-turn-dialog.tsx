import { ConfirmDialog } from '../../design/dialog.tsx';

interface DeleteTurnDialogProps {
  onConfirm: () => void;
  onClose: () => void;
}

export default function DeleteTurnDialog({ onConfirm, onClose }: DeleteTurnDialogProps) {
  return (
    <ConfirmDialog
      title="Delete this question and its response?"
      action="Delete question"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      Later questions will not include them. This cannot be undone.
    </ConfirmDialog>
  );
}
