/** Words of grammar without a topic. They are neither indexed nor searched. Contractions have no apostrophe. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the this that these those some any each every either neither no not nor none such same other another both all
  i me my mine myself we us our ours ourselves you your yours yourself he him his she her hers it its itself they them
  their theirs themselves one ones someone somebody anyone anybody everyone everybody something anything everything
  who whom whose which what when where why how whether whenever wherever whatever
  am is are was were be been being isnt arent wasnt werent do does did done doing dont doesnt didnt
  have has had having havent hasnt hadnt can could cannot cant couldnt will would wont wouldnt shall should shouldnt
  may might must mustnt ought im ive id ill youre youve youd youll hes shes theyre theyve were weve lets thats whats
  whos hows wheres theres heres
  and or but if then else than as because so though although while until unless since
  of at by for with about against between into through during before after above below to from up down in out on off
  under over again further once here there per via upon within without across along around behind beside besides toward
  towards onto
  too very just also even only still yet already almost quite rather really actually simply instead maybe perhaps
  much many more most less few little lot lots own ever never always often sometimes usually
  s t d ll re ve m eg ie etc ok okay yes hi hello hey please thanks thank well`.split(/\s+/),
);

/** Words that refer to an earlier turn of the conversation. A question with one of them may need that turn. */
export const BACK_REFERENCES: ReadonlySet<string> = new Set(
  'it its that this they them their those these one ones there such'.split(' '),
);
