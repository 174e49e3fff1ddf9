export { loadState } from "./load-state.ts";
export { saveState } from "./save-state.ts";
export type { SavedState, SavedTensor } from "./saved-state.ts";
export { stateFromJson, stateToJson } from "./state-json.ts";
export { StateMismatchError } from "./state-mismatch-error.ts";
