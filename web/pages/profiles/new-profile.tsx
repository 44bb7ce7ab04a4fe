export { NewProfile as default } from "./edit-profile.tsx";
