import { lazyPart } from '../../../design/lazy-part.tsx';

/** The list of models, which downloads when a picker opens for the first time. */
export const ModelListbox = lazyPart(() => import('./model-listbox.tsx'), { failure: 'overlay' });

export const preloadModelListbox = (): void => void ModelListbox.preload();
