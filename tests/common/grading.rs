//! What Classroom 50 and Gradescope take, as far as their specifications say.

use serde_json::Value;

/// What Classroom 50's runner sets.
pub const RUNNER: [(&str, &str); 8] = [
    ("CLASSROOM", "os-2026"),
    ("ASSIGNMENT", "containers"),
    ("SUBMISSION_TAG", "submit/2026-09-01T09-00-00Z-a1b2c3d"),
    ("COMMIT_URL", "https://github.com/org/repo/commit/a1b2c3d"),
    ("RELEASE_URL", "https://github.com/org/repo/releases/tag/submit%2Fx"),
    ("REVIEW_URL", "https://github.com/org/repo/compare/b...a"),
    ("OWNER", "yumi"),
    ("ASSIGNMENT_TYPE", "group"),
];

/// What each test says.
pub fn outputs(document: &Value) -> Vec<String> {
    let tests = document["tests"].as_array().unwrap().iter();
    tests.map(|test| test["output"].as_str().unwrap().to_owned()).collect()
}

/// The fields of an object, sorted.
fn fields(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// That a result is one that Classroom 50's collector takes: its schema, and what its code asks beside.
#[track_caller]
pub fn assert_is_result(result: &Value) {
    let mut required = vec![
        "schema",
        "classroom",
        "assignment",
        "assignment_type",
        "owner",
        "submission",
        "commit",
        "release",
        "review",
        "datetime",
        "score",
        "max-score",
        "tests",
    ];
    required.sort_unstable();
    assert_eq!(fields(result), required, "{result:#}");
    assert_eq!(result["schema"], "classroom50/result/v1");
    for field in required.iter().filter(|field| !["score", "max-score", "tests"].contains(field)) {
        assert!(result[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {result:#}");
    }
    assert!(["individual", "group"].contains(&result["assignment_type"].as_str().unwrap()));
    assert!(result["submission"].as_str().unwrap().starts_with("submit/"));
    let datetime: String = result["datetime"].as_str().unwrap().to_owned();
    let digits = datetime.replace(|letter: char| letter.is_ascii_digit(), "0");
    assert_eq!(digits, "0000-00-00T00:00:00Z", "{datetime}");
    for test in result["tests"].as_array().unwrap() {
        assert_eq!(fields(test), ["max-score", "output", "passed", "score", "test-name"]);
        assert!(!test["test-name"].as_str().unwrap().is_empty());
        let (score, most) = (test["score"].as_u64().unwrap(), test["max-score"].as_u64().unwrap());
        assert!(score <= most && test["passed"].as_bool().unwrap() == (score == most), "{test:#}");
    }
    assert_adds_up(result, "max-score", &result["max-score"]);
}

/// That a result is one that Gradescope takes.
#[track_caller]
pub fn assert_is_results(results: &Value) {
    assert!(results["execution_time"].as_f64().unwrap() < 10.0, "{results:#}");
    assert!(!results["output"].as_str().unwrap().is_empty());
    for format in ["output_format", "test_output_format", "test_name_format"] {
        assert_eq!(results[format], "text");
    }
    assert_eq!(results["visibility"], "visible");
    // What else the grading script prints may be anything that a student's script prints.
    assert_eq!(results["stdout_visibility"], "hidden");
    for test in results["tests"].as_array().unwrap() {
        assert_eq!(
            fields(test),
            ["max_score", "name", "output", "score", "status", "visibility"],
            "{test:#}"
        );
        let has_all = test["score"].as_u64().unwrap() == test["max_score"].as_u64().unwrap();
        assert_eq!(test["status"], if has_all { "passed" } else { "failed" }, "{test:#}");
        assert_eq!(test["visibility"], "visible");
    }
    let most: u64 = points(results, "max_score");
    assert_adds_up(results, "max_score", &most.into());
}

/// The sum of a field of all tests.
pub fn points(document: &Value, field: &str) -> u64 {
    let tests = document["tests"].as_array().unwrap().iter();
    tests.map(|test| test[field].as_u64().unwrap()).sum()
}

#[track_caller]
fn assert_adds_up(document: &Value, max_field: &str, most: &Value) {
    assert_eq!(document["score"].as_u64().unwrap(), points(document, "score"), "{document:#}");
    assert_eq!(most.as_u64().unwrap(), points(document, max_field), "{document:#}");
}
