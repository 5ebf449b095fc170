const PLACEHOLDER =
  /^(?:<.*>|\{.*\}|\$\{?\w+\}?|.*(?:\.{3}|…)|(?:(?:sk|gsk|sk-or|sk-or-v1|sk-proj)[-_])?(?:x{4,}|\*{3,}|(?:your|insert|enter|replace|paste)[-_ ].+|your(?:api)?key.*|change[-_ ]?(?:me|this)|placeholder|todo))$/i;

/** Returns whether the text is an example of a key, e.g. `your-key-here`, `sk-...`, `changeme` or `<key>`. */
export const isPlaceholderKey = (text: string): boolean => PLACEHOLDER.test(text.trim());
