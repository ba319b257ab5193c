// Things to try: addresses of pages that show one idea each.

import { choice } from "./dom.js";
import { t } from "./i18n.js";

const DEEP = "8 sigmoid_8 sigmoid_8 sigmoid_8 sigmoid_8 sigmoid";

/** Name -> address. The messages of the names begin with "example.". */
export const EXAMPLES = {
  softmax: "data=gaussians&classes=5&layers=&lines=false",
  line: "data=xor&layers=&optimizer=sgd&rate=0.1",
  xor: "data=xor&layers=3 tanh&lines=true",
  rates: "data=moons&layers=8 tanh&optimizer=sgd&compare=rate&values=0.001 0.3 10",
  nan: "data=moons&layers=8 linear_8 linear&optimizer=sgd&rate=10&loss=crossentropy",
  overfitting: "data=moons&rows=60&noise=0.6&layers=32 relu_32 relu&compare=l2&values=0 0.003 0.03",
  dropout: "data=moons&rows=60&noise=0.6&layers=32 relu_32 relu&compare=dropout&values=0 0.2 0.5",
  vanishing: `data=circles&layers=${DEEP}&optimizer=sgd&rate=0.1&compare=activation&values=sigmoid tanh relu&tab=weights`,
  initializers: `data=circles&layers=${DEEP.replaceAll("sigmoid", "tanh")}&compare=initializer&values=zeros random_normal glorot_uniform he_normal&tab=weights`,
  optimizers: "data=spirals&classes=3&layers=16 tanh_16 tanh&compare=optimizer&values=sgd momentum rmsprop adam",
};

/** A choice of things to try. */
export function examplesChoice() {
  const entries = [["", t("example.choose")], ...Object.keys(EXAMPLES).map((name) => [name, t(`example.${name}`)])];
  const field = choice(t("example.title"), entries, "", (name) => {
    if (name) location.hash = EXAMPLES[name];
  }, { name: "example" });
  return field.node;
}
