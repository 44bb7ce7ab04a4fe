export { NewVersion as default } from "./edit-profile.tsx";
