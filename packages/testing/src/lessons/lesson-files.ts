/** Returns the text of a file by its path from the folder of the lesson, or undefined. */
export type ReadFile = (path: string) => string | undefined;
