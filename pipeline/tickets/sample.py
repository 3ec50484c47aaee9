"""A ticket's row as JSON, written by hand: rows are packed by what they have in common with it.

It holds every field that rows often have and the words that often stand there. It must stay as it is, byte by byte:
rows in the changelog cannot be read without it.
"""

SAMPLE = (
    b'{"wake_at_ms":1700000000000,"ticket":{"standing":{"created_at_ms":1700000000000,"last_at_ms":1700000000000,'
    b'"has_creation":true,"status":"on_hold","priority":"normal","tenant":"default","type":"complaint",'
    b'"category":"refund","tags":["vip"],"group_id":"after_sales","assignee_id":"a1","region":"440000","product":"p1",'
    b'"hint":"","level":"explicit","policy":"urgent","is_assigned":true,"answer_count":1,"wait_count":1,'
    b'"is_waiting":true,"message_count":1,"is_unanswered":true,"complaint_count":1,"needs_action":true,'
    b'"solved_count":1,"solved_at_ms":1700000000000,"unheard_since_ms":1700000000000,"merged_into":"",'
    b'"clocks":[{"goal":"first_action","target_ms":1800000,"started_at_ms":1700000000000,"since_ms":1700000000000,'
    b'"phase":"paused","elapsed_ms":600000,"paused_ms":600000,"pause_count":1,"cycle":2,"misses":1,'
    b'"breached_at_ms":1700000000000},{"goal":"next_response","target_ms":7200000,"started_at_ms":1700000000000,'
    b'"since_ms":1700000000000,"phase":"cancelled"},{"goal":"first_response","target_ms":1800000,'
    b'"started_at_ms":1700000000000,"since_ms":1700000000000,"phase":"stopped","elapsed_ms":600000},'
    b'{"goal":"total_resolution","target_ms":28800000,"started_at_ms":1700000000000,"since_ms":1700000000000}],'
    b'"dodge_count":1,"findings":["late_pause"]},"facts":[{"at_ms":1700000000000,"event_id":"e1","event":"created",'
    b'"by":"system","status":"new","priority":"high","is_question":true},{"at_ms":1700000000000,"event_id":"e2",'
    b'"event":"status_changed","by":"a1","status":"pending","priority":"low"},{"at_ms":1700000000000,"event_id":"e3",'
    b'"event":"assigned","by":"a1","status":"open","priority":"urgent","assignee_id":"a1","region":"440000"},'
    b'{"at_ms":1700000000000,"event_id":"e4","event":"updated","by":"a1","status":"open","priority":"normal",'
    b'"tags":["vip"],"group_id":"after_sales","assignee_id":"a1","region":"440000","product":"p1"},'
    b'{"at_ms":1700000000000,"event_id":"e5","event":"commented","by":"customer","status":"open","priority":"normal",'
    b'"is_question":true,"assignee_id":"a1","region":"440000"},{"at_ms":1700000000000,"event_id":"e6",'
    b'"event":"commented","by":"agent","status":"solved","priority":"normal","is_answer":true,"assignee_id":"a1",'
    b'"region":"440000"}],"base":{},"ledger":[{"at":1700000000000,"kind":"start","clock":"first_response",'
    b'"by":"system","why":"created","event_id":"e1","due_after":1700000000000},{"at":1700000000000,"kind":"start",'
    b'"clock":"total_resolution","by":"system","why":"created","event_id":"e1","due_after":1700000000000},'
    b'{"at":1700000000000,"kind":"pause","clock":"total_resolution","by":"a1","why":"status:pending","event_id":"e2",'
    b'"elapsed_before":600000,"due_before":1700000000000},{"at":1700000000000,"kind":"resume",'
    b'"clock":"total_resolution","by":"customer","why":"status:open","event_id":"e5","elapsed_before":600000,'
    b'"due_after":1700000000000},{"at":1700000000000,"kind":"stop","clock":"first_response","by":"agent",'
    b'"why":"answer","event_id":"e6","elapsed_before":600000,"due_before":1700000000000},{"at":1700000000000,'
    b'"kind":"warn","clock":"total_resolution","by":"tocsin","why":"0.75","elapsed_before":600000}],'
    b'"told":{"first_response:0.5":1700000000000,"total_resolution:0.75":1700000000000},"pack_version":"000000000000",'
    b'"late_count":1,"next_at_ms":1700000000000},"version":2,"recent":"AAAAAAAAAAAAAAAA","conversation_id":"chat:",'
    b'"order_id":"","customer_key":"","pending":[{"command_id":"","command":"set_priority","wanted":"urgent",'
    b'"expires_at_ms":1700000000000,"sent_at_ms":1700000000000}],"topics":["category:refund","product:p1","tag:vip"]}'
)
