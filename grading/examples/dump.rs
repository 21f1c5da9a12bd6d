use grading::*;
use std::collections::BTreeMap;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let set: QuestionSet = serde_json::from_str(&std::fs::read_to_string(&a[0]).unwrap()).unwrap();
    let rubrics: BTreeMap<&str, CompiledRubric> = set.questions.iter().map(|q| (q.id.as_str(), CompiledRubric::compile(q, &set.synonyms))).collect();
    let read = |f: &str| std::fs::read_to_string(f).unwrap();
    let w = (grading::model::Model::parse(&read(&a[2]), grading::features::NAMES), grading::model::Model::parse(&read(&a[3]), &grading::model::verdict_names()));
    for line in std::fs::read_to_string(&a[1]).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let r = &rubrics[v["question_id"].as_str().unwrap()];
        let t = v["answer"].as_str().unwrap();
        let rep = grade(r, t);
        for (((c, f), k), s) in r.question().concepts.iter().zip(phrase_measures(r, t, &w.0, &w.1).unwrap_or_else(|| vec![Vec::new(); r.question().concepts.len()])).zip(rep.concepts).zip(dump_text(r, t)) {
            let code = k.evidence.iter().any(|e| e.phrase_kind == PhraseKind::Code);
            println!("{}", serde_json::json!({"id": v["id"], "q": v["question_id"], "kind": v["kind"], "c": c.id, "label": v["labels"][&c.id], "f": f, "s": s, "t": t, "code": if code {serde_json::json!(k.verdict)} else {serde_json::Value::Null}}));
        }
    }
}
