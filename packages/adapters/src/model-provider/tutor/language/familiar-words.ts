/**
 * Common verbs and describing words, and words from the world of computing. Where a page has one it counts
 * like any other word; where none has, that says nothing against the question. Words that pull a question
 * towards another field (bake, paint, garden, passport) are missing on purpose.
 */
export const FAMILIAR_WORDS: readonly string[] = `
  accept access accompany achieve acquire act adapt adjust adopt advise affect afford aim alert alter announce annoy
  apply approve argue arrange arrive assign assist assume attach attempt attend automate await back base beat behave
  belong bet blame blow boot borrow bother bounce break bring browse bypass calculate capture catch change chase chat
  chunk circumvent claim clean clear click clog close collapse collect combine come commit compete complain complete
  concern confirm conflict confuse connect consider consist contact continue contribute control convert convince copy
  correct cope corrupt crunch cut damage dare deactivate debate debug declare decrease dedicate define delete deliver
  demand deny depend derive destroy detect determine develop diagnose differentiate dig disappear discuss display
  disturb double download drag drop dump duplicate edit eliminate embed emit employ enable encounter encourage end
  enforce enter escape establish estimate evaluate examine exceed exchange exclude execute exist expand experience
  explode explore export express extend face fake fetch figure fill filter fit flip flow focus follow force forget
  format forward found free function gather generate grab grant guide guess harm hate hear help hide hit hog host
  identify ignore illustrate imagine impact implement imply impress include inform inherit inspect install integrate
  intend interact interrupt introduce invent investigate invoke involve isolate join justify last launch lie like link
  list listen load locate lock lower maintain mark match mention merge mess migrate mind miss mix modify multiply name
  navigate note notice observe obtain occur offer open operate order organize overcome overlap overlook own pack pass
  pay perform permit persist place plug post postpone practise present preserve press proceed produce promise propose
  prove publish pull punish push query quote raise reach react realize reboot rebuild receive recognize reconnect
  record recover reduce refactor refer refresh refuse register reject relate reload remain remember remind render
  repair repeat replace report represent reproduce require resist resolve respond restart restore restrict retrieve
  return reuse reveal review revert rewrite roll route rush save scare schedule search send serve settle setup shift
  shrink sit skip slip solve sort spawn spend split spot stand stay steal stick store struggle submit substitute
  succeed suffer suit support survive suspect swallow switch target tell tend terminate tie touch track transfer
  transform translate transmit treat trigger trust tweak type undo unite unlock update upgrade upload verify view
  violate visit visitor vary wait wake warn waste watch weigh wipe wonder worry wrap yield accurate acceptable active
  additional advanced aggressive alive alone angry automatic aware awful basic broken busy cheap clever clumsy
  compatible complex concrete conceptual confident constant convenient cool crazy critical crucial current decent deep
  default desired direct dirty disciplined dumb dynamic effective efficient elegant endless essential excessive
  expensive explicit external extra extreme familiar fancy final fixed flexible forever formal fragile frequent
  fundamental funny future gentle global handy harmless heavy helpless hidden honest huge identical idle ideal
  immediate impatient implicit incoming independent individual initial innocent insane intelligent interesting
  internal invalid involved joint latest lazy legal legitimate lightweight limited local lonely loose manual massive
  maximum mere minimal minimum minor missing mixed modern mysterious naive native natural neat nasty necessary
  negative neutral noisy notable obvious occasional odd official optional original outer overall parallel partial
  particular patient permanent personal plain pointless polite poor popular positive potential powerful practical
  precise pretty previous primary principal private productive professional prompt pure quiet random rare raw
  reasonable recent redundant regular relevant reliable remote repeated responsible rough safe secondary seemingly
  sensitive separate serious severe shallow sharp shy silent silly sloppy smart smooth solid sophisticated spare
  special spontaneous stable stale static steady straightforward strange strict strong stupid subtle successful
  sufficient suitable superior surprised suspicious technical temporary terrible tight tiny total tough traditional
  tricky trivial typical ugly unclear unexpected unique universal unknown unlikely unnecessary unusual upper urgent
  usable useless usual vague valid valuable virtual visible vital wasteful weak weird wide wise worried wrong
  accidentally afterwards apparently badly barely briefly carefully cheaply clearly closely completely constantly
  continually continuously correctly currently deeply differently directly effectively efficiently elsewhere entirely
  equally essentially everywhere fairly frequently fully gradually hardly heavily hopefully immediately increasingly
  indefinitely individually initially instantly largely lately likely literally merely meanwhile mostly naturally
  nearly necessarily newly nowadays nowhere occasionally officially often originally otherwise partly particularly
  permanently poorly possibly precisely presumably previously primarily properly quickly quietly randomly rarely
  reasonably recently regularly relatively reliably repeatedly roughly safely scarcely seldom seriously significantly
  silently similarly simultaneously slightly slowly smoothly somehow sometime somewhat soon strictly strongly
  successfully suddenly supposedly surely surprisingly technically temporarily terribly totally traditionally truly
  typically unfortunately unnecessarily virtually admin agent ai algorithm analytics android api architecture array
  artificial assistant authenticator autoscaling aws azure backend backup bandwidth binary bit boolean bot browser bug
  build button byte callback chatbot chatgpt class cli client cloud cluster codebase column command compiler component
  config console cookie counter cron crud css curl cursor dashboard data dataset datacenter debugger deno desktop
  developer device devops digital directory disk dns docker domain dotnet driver email endpoint engine ephemeral
  exception executable fastify field file filesystem firewall firmware flag folder form framework frontend gateway gb
  gigabyte git go golang gpt graph graphql groq gui hardware hash helm html http https icon id ide iframe incident
  infrastructure input integer interface internet intranet ios java javascript jest json kafka kb kernel keyboard
  kubernetes lambda laptop layer linux llm localhost loop mac machine mailbox main mb megabyte metadata method micro
  microsecond middleware millisecond mobile model module mongodb monitor mysql namespace nest nestjs network nodejs
  npm object offline online openai operator orm os outage output package packet page param parameter parser patch path
  pattern php pipeline plugin pod port portal postgres prod prometheus python rails readme recursion redis region
  registry release requirement resource response router row ruby runtime rust saas sandbox schema screen script sdk
  semantic sharding shell snippet socket software spec spreadsheet sprint sql stack stacktrace staging startup state
  statement string struct subdomain subnet subprocess swarm symbol syntax table tcp tenant terminal terraform test
  text token tool toolchain tuple typescript udp ui unicode unit unix upstream uptime url usability user username utf
  util utility uuid ux value variable vendor version vm vpn vue web webhook website widget wifi windows wizard
  workflow workload workspace wrapper xml yaml zip
`
  .trim()
  .split(/\s+/);
