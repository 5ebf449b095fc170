export type BundledApp = 'gateway' | 'model' | 'worker' | 'monolith' | 'lab' | 'cli';

export declare const BUNDLED_APPS: readonly BundledApp[];

/** Returns the file that starts an app: its bundle if the bundle is current, otherwise its source. */
export declare function findAppEntry(rootDirectory: string, app: BundledApp): string;

export declare function sourcePath(rootDirectory: string, app: BundledApp): string;
export declare function bundlePath(rootDirectory: string, app: BundledApp): string;

/** Returns whether the bundle exists and every file that it was built from is unchanged. */
export declare function isBundleFresh(rootDirectory: string, app: BundledApp): boolean;

/** Records in a bundle's folder which files, relative to the root, it was built from. */
export declare function writeInputs(rootDirectory: string, folder: string, paths: readonly string[]): void;
