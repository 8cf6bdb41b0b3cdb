// Exercises come with pages made for them.
const exercise = { on: false, hides: () => false, may: () => true, card: () => null };
