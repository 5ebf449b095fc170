/**
 * Words of questions about any topic. They say little about the topic, so they weigh little in ranking and in deciding
 * whether anything was found. Common words that name a topic (egg, song, tax) are not listed here.
 */
export const COMMON_WORDS: readonly string[] = `
  ask answer tell explain describe define mean meaning understand know learn teach show see look read hear think
  believe say said talk speak suppose guess wonder question reply word term concept idea topic subject point
  explanation definition overview summary introduction basics beginner newbie simple easy hard difficult complicated
  example instance sample case practice theory tutorial guide lesson help advice tip recommend suggestion
  difference different differ distinguish compare comparison versus vs contrast similar like alike contrary opposite
  advantage disadvantage benefit drawback downside upside pro con tradeoff trade merit weakness strength
  good better best bad worse worst right wrong correct proper properly true false fine nice great perfect ideal
  important necessary useful helpful worth matter sense reason purpose point cause effect result consequence
  problem issue trouble mistake error pitfall challenge solution way method approach technique manner
  thing stuff kind sort type form part piece bit side aspect detail
  use using used make made making do get got getting go going gone come take give put set keep let want need
  try work works working happen happens happened become seem appear start begin stop end finish turn run running
  call called name find found pick choose choice choosing select decide decision prefer opt option alternative
  add remove change put bring move leave hold build create write wrote written design implement handle deal
  avoid prevent fix solve improve ensure guarantee check test cope manage allow mean
  time times day week month year hour minute moment today now later soon early late long short first second last next
  new old big small large huge tiny high low great little full empty whole half single several multiple various
  number amount level size count lot many couple
  people person guy folk boss colleague team coworker teammate friend company startup customer client user developer
  engineer programmer everybody student senior junior manager interview
  app application program software system code project product service website site page tool feature
  server computer machine script library framework package setup environment
  actually basically exactly generally really probably possibly obviously apparently suddenly constantly
  recommended common usual typical normal regular standard general specific certain particular special main real
  difference between sure possible impossible able available ready enough far away back together apart
  production place everyday
  compared comparing according regarding concerning related based given
  hundred thousand million two three four five six seven eight nine ten zero
  please thanks curious confused stuck lost heard noticed keep keeps kept never always
  goes went gave given took taken told said saw seen came ran began wrote written chosen chose thought felt knew known
  brought sent held showed shown made kept left meant spent repo repository codebase
  discover accidentally incidentally gain lose friendly friendlier wish hope plan suppose expect believe care bother
  whatever especially mostly mainly together both themselves somewhere nowhere anyway eventually finally
  actual entire complete completely fully totally slightly merely whatsoever
`
  .trim()
  .split(/\s+/);
