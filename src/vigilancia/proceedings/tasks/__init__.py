"""Tasks: what people have to do themselves beside the clocks that bind governments, each with a day and a person."""
