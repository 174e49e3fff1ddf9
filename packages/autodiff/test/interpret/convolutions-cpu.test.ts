import { testConvolutions } from "./convolutions.ts";

testConvolutions("cpu", 150);
