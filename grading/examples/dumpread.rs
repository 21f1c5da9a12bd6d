use std::io::BufRead;
use grading::reading::{Reading, Stance};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string("api/question-sets/python-core-mechanics.yaml").unwrap();
    let set = grading::QuestionSet::parse(&text).unwrap();
    let spelled: std::collections::BTreeMap<String, grading::CompiledRubric> = set.questions.iter().map(|q| (q.id.clone(), grading::CompiledRubric::compile(q, &set.synonyms))).collect();
    let f = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    for line in f.lines() {
        let line = line.unwrap();
        let mut v: serde_json::Value = serde_json::from_str(&line).unwrap();
        let answer = v["answer"].as_str().unwrap().to_owned();
        let q = v["question_id"].as_str().unwrap().to_owned();
        let rubric = &spelled[&q];
        let reading: Reading = rubric.read(&answer);
        let clauses: Vec<serde_json::Value> = reading.clauses.iter().map(|c| {
            let words: Vec<String> = (c.from..c.to).filter_map(|i| { let w = &reading.words[i]; if w.mark.is_some() {return None;} Some(format!("{}{}{}", if w.negated {"!"} else {""}, w.stem, if w.content {""} else if w.light {"/l"} else {"/f"})) }).collect();
            let spans: Vec<(usize,usize)> = (c.from..c.to).filter_map(|i| { let w=&reading.words[i]; w.mark.is_none().then_some((w.start,w.end)) }).collect();
            let subj: Vec<String> = c.subject.iter().map(|&i| reading.words[i].stem.clone()).collect();
            let groups: Vec<usize> = reading.phrases.iter().filter(|p| p.from>=c.from && p.to<=c.to).map(|p| p.group as usize).collect();
            serde_json::json!({"w":words,"s":subj,"carried":c.carried,"sent":c.sentence,"view":match c.stance {Stance::Own=>"own",Stance::Reported=>"rep",Stance::Rejected=>"rej",Stance::Withdrawn=>"wd"},"span":[spans.first().map(|s|s.0),spans.last().map(|s|s.1)],"g":groups,"join":format!("{:?}",c.join)})
        }).collect();
        v["clauses"] = clauses.into();
        let report = grading::grade(rubric, &answer);
        v["engine"] = report.concepts.iter().map(|c| (c.id.clone(), serde_json::to_value(c.verdict).unwrap())).collect::<serde_json::Map<_,_>>().into();
        println!("{v}");
    }
}
