/**
 * Common verbs, adjectives and abstract nouns. A question that contains them may still be about this field when no page
 * does. Words that suggest another field (bake, paint, garden, passport) are deliberately missing.
 */
export const FAMILIAR_WORDS: readonly string[] = `
  accept accompany achieve acquire act adapt adjust adopt advise affect afford aim alert alter announce annoy apply
  approve argue arrange arrive assign assist assume attach attempt attend await base beat behave belong bet blame blow
  borrow bother bring catch change chase claim clean clear close collect combine come commit compete complain complete
  concern confirm confuse consider consist contact continue contribute control convert convince correct cope cut
  damage dare debate declare decrease dedicate define deliver demand deny depend derive destroy detect determine
  develop diagnose differentiate dig disappear discuss display double drop employ enable encourage end enter escape
  establish estimate evaluate examine exceed exchange exclude exist expand experience explore export express extend
  face figure fill fit flow focus follow force forget found gather generate grab guide hate hear help hit identify
  ignore illustrate imagine impact implement imply impress include inform inspect intend interact introduce invent
  investigate invoke involve join justify last launch lie like link list listen lower maintain mark mention mess mind
  miss mix name navigate note notice observe obtain occur offer open operate order organize overcome overlap overlook
  own pass pay perform permit persist place plug post postpone practise present preserve press proceed produce promise
  propose prove punish quote raise reach react realize reboot rebuild receive recognize recover reduce refactor refer
  refuse relate remain remember remind repair repeat report represent require resist resolve respond restrict return
  reveal review rewrite roll rush scare settle shift shrink sit skip slip solve spend spot stand stay stick struggle
  submit substitute succeed suffer suit support survive suspect target tell tend tie touch treat tweak unite violate
  visitor vary waste watch weigh wonder worry wrap yield accurate acceptable active additional advanced aggressive
  alive alone angry automatic aware awful basic broken busy cheap clever clumsy compatible complex concrete conceptual
  confident constant convenient cool crazy critical crucial current decent deep desired direct dirty disciplined dumb
  effective efficient elegant endless essential excessive expensive explicit extra extreme familiar fancy final fixed
  flexible forever formal fragile frequent fundamental funny future gentle handy harmless heavy helpless hidden honest
  huge ideal impatient implicit incoming individual initial innocent insane intelligent interesting invalid involved
  joint latest legal legitimate lightweight lonely loose manual massive maximum mere minimal minimum minor missing
  modern mysterious naive native natural neat nasty necessary negative neutral noisy notable obvious occasional odd
  official optional original outer overall partial particular patient permanent personal plain pointless polite poor
  positive potential powerful practical precise pretty previous principal private productive professional pure quiet
  random raw reasonable recent redundant regular relevant reliable repeated responsible rough seemingly separate
  serious severe shallow shy silent silly sloppy smart smooth solid sophisticated spare special spontaneous
  stable steady straightforward strange strict strong stupid subtle successful sufficient suitable superior surprised
  suspicious technical temporary terrible tight tiny total tough traditional tricky trivial typical ugly unclear
  unexpected unique universal unknown unlikely unnecessary unusual upper urgent usable useless usual vague valid
  valuable visible vital wasteful weak weird wide wise worried wrong accidentally afterwards apparently badly barely
  briefly carefully cheaply clearly closely completely constantly continually continuously correctly currently deeply
  differently directly effectively efficiently elsewhere entirely equally essentially everywhere fairly frequently
  fully hardly heavily hopefully increasingly indefinitely individually initially largely lately likely literally
  merely meanwhile mostly naturally nearly necessarily newly nowadays nowhere occasionally officially often originally
  otherwise partly particularly permanently poorly possibly precisely presumably previously primarily properly quickly
  quietly randomly rarely reasonably recently regularly relatively reliably repeatedly roughly safely scarcely seldom
  seriously significantly silently similarly slightly slowly smoothly somehow sometime somewhat soon strictly strongly
  successfully suddenly supposedly surely surprisingly technically temporarily terribly totally traditionally truly
  typically unfortunately unnecessarily virtually feel felt pain painful hurt buy bought halfway percent percentage
  conversation doubt regret heck hell damn assumption reason thought opinion rule thumb argument choice clarify
  elaborate summarize matter suggest compare trade hand hands begin began beginning start onwards meantime while
  period moment instant second minute deal dealing manager colleague neighbour stranger folks nobody guys newcomer
  novice expert hobby homework question interviewer candidate employer firm business enterprise organization
  department step steps stage phase procedure routine habit strategy plan goal intention motivation rationale benefit
  cause causes side effect influence responsibility duty situation circumstance scenario condition environment setting
  background lump bunch handful dozen hundred thousand million billion couple pair group set series range variety line
  lines lists item items row rows column columns top bottom left right front rear inside outside middle center edge
  corner increase improve worsen degrade boost say spoken talk names opens opened remembers ok fine enough good
  worthwhile worth awkward nice wildly pile piles burst spike spikes glitch glitches hiccup hiccups rid away apart
  aside ahead behind forth please kindly shortly simply myth rumor true truth false fact facts evidence proof anyway
  anyhow besides moreover furthermore therefore thus hence whereas
`
  .trim()
  .split(/\s+/);
