// A dialog that asks what a form wants to know.
export default {
  template: `
  <dialog ref="box" class="questions" aria-labelledby="easel-question" @close="closed">
    <form v-if="form" method="dialog" @submit.prevent="answer">
      <h2 id="easel-question">{{ form.title }}</h2>
      <label v-for="(f, i) in form.fields" :key="f.name">
        <span>{{ f.label }}</span>
        <select v-if="f.choices.length" v-model="values[f.name]" :required="f.required">
          <option v-if="!f.required" value="">{{ words.default }}</option>
          <option v-for="c in f.choices" :key="c">{{ c }}</option>
        </select>
        <textarea v-else-if="f.long" v-model="values[f.name]" rows="4" :required="f.required" :maxlength="f.most" :autofocus="i === 0" dir="auto" @keydown.enter="entered"></textarea>
        <input v-else v-model="values[f.name]" :type="f.secret ? 'password' : 'text'" :autocomplete="f.secret ? 'new-password' : 'off'" :required="f.required" :maxlength="f.most" :autofocus="i === 0" spellcheck="false" />
      </label>
      <div class="buttons">
        <button type="button" class="button" @click="$refs.box.close()">{{ words.cancel }}</button>
        <button type="submit" class="button primary">{{ words.ok }}</button>
      </div>
    </form>
  </dialog>`,
  props: { words: Object, language: String },
  data() {
    return { form: null, values: {} };
  },
  methods: {
    ask(form) {
      this.form = form;
      this.values = Object.fromEntries(form.fields.map((f) => [f.name, f.value]));
      if (!this.$refs.box.open) this.$nextTick(() => this.$refs.box.showModal());
    },
    entered(event) {
      if (event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.target.form.requestSubmit();
    },
    // Unanswered, and by whatever means.
    closed() {
      if (this.form && this.form.asked) this.$emit("cancel", { asked: this.form.asked });
      this.form = null;
    },
    answer() {
      const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
      this.$emit("answer", { id, command: this.form.command, text: this.form.text, options: this.values });
      this.form = null;
      this.$refs.box.close();
    },
  },
};
