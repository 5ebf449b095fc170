/** Questions that every model here can say something about, the offline one too. */
export const SUGGESTIONS = [
  'When would you choose gRPC over REST?',
  'How does this platform stream an answer to the browser?',
  'What does dependency injection buy a service?',
  'How should a service behave under too much load?',
];
