-- The shop's range: 200,160 products from word lists, the same ones on every machine, so that fuzzy look-ups
-- cost what they cost in a real shop. Safe to run again: rows are written when the table's comment does not
-- name this seed. Raise the number in `seed` when a list changes.

CREATE TABLE IF NOT EXISTS nlu.products (
    sku         text PRIMARY KEY,
    name        text NOT NULL,
    category    text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0),
    stock       integer NOT NULL CHECK (stock >= 0),
    facts       jsonb NOT NULL
);

DO $fill$
DECLARE
    seed CONSTANT text := 'seed 1';
BEGIN
    IF obj_description('nlu.products'::regclass, 'pg_class') IS NOT DISTINCT FROM seed THEN
        RETURN;
    END IF;
    TRUNCATE nlu.products;
    -- An index built once over full rows costs less than one that grows with each row.
    DROP INDEX IF EXISTS nlu.products_name_trigrams;

    INSERT INTO nlu.products (sku, name, category, price_cents, stock, facts)
    WITH ranges (category, nouns) AS (VALUES
        ('audio', 'headphones,bluetooth speaker,soundbar,turntable,microphone,clock radio,subwoofer,amplifier'),
        ('computing', 'laptop,tablet,monitor,keyboard,computer mouse,printer,router,webcam,hard drive,docking station'),
        ('mobile', 'smartphone,smart watch,power bank,phone case,charging cable,wall charger,e-reader,selfie stick'),
        ('screen', 'television,projector,games console,gamepad,streaming stick,digital camera,camera lens,tripod'),
        ('kitchen', 'espresso machine,coffee grinder,electric kettle,toaster,blender,food processor,air fryer,rice cooker,microwave oven,kitchen scale,frying pan,saucepan,knife set,cutting board,lunch box,water bottle'),
        ('household', 'vacuum cleaner,robot vacuum,steam iron,washing machine,tumble dryer,refrigerator,dishwasher,air purifier,space heater,ceiling fan,rubbish bin,laundry basket,ironing board,clothes rack'),
        ('furniture', 'standing desk,office chair,sofa,armchair,bookshelf,wardrobe,bed frame,mattress,bedside table,coffee table,dining table,bar stool,shoe cabinet,coat stand'),
        ('home', 'desk lamp,floor lamp,wall mirror,picture frame,area rug,curtains,cushion,duvet,pillow,bath towel,shower curtain,wall clock,flower vase,scented candle'),
        ('clothing', 'rain jacket,winter jacket,sweater,hoodie,trousers,jeans,summer dress,shirt,leather belt,woollen scarf,gloves,sun hat,socks,pyjamas,swimsuit,bow tie'),
        ('shoes', 'running shoes,hiking boots,sneakers,sandals,slippers,rubber boots,football boots,loafers'),
        ('sport', 'yoga mat,dumbbell set,exercise bike,tennis racket,badminton set,skipping rope,football,bicycle,e-scooter,bike helmet,swimming goggles,ski goggles,kettlebell,rowing machine'),
        ('outdoor', 'tent,sleeping bag,camping stove,backpack,hiking poles,flashlight,cool box,hammock,garden chair,lawn mower,garden hose,barbecue grill,parasol,binoculars'),
        ('family', 'stroller,child seat,high chair,cuddly toy,board game,building blocks,jigsaw puzzle,baby monitor'),
        ('care', 'electric toothbrush,hair dryer,razor,hair straightener,bathroom scale,massage gun,sunscreen,perfume')
    ),
    nouns AS (
        SELECT category, noun, (row_number() OVER (ORDER BY category COLLATE "C", noun COLLATE "C"))::integer - 1 AS place
        FROM ranges, unnest(string_to_array(nouns, ',')) AS noun
    ),
    brands AS (
        SELECT head || tail AS brand, (row_number() OVER (ORDER BY (head || tail) COLLATE "C"))::integer - 1 AS place
        FROM unnest(string_to_array('Vel,Nor,Kas,Tam,Bri,Ost,Lum,Zep,Gra,Hel,Fja,Quo,Rud,Syl,Dor,Min,Pax,Ulv,Wex,Cor,Jun,Alb,Emb,Ive,Yst', ',')) AS head,
             unnest(string_to_array('mora,dex,lund,ano,bury,fix,via,stein,ello,quist', ',')) AS tail
    ),
    rows AS (
        -- The shop's own line: one product a noun, called by the noun alone.
        SELECT category, noun, ''::text AS brand, place AS number, -1 AS model FROM nouns
        UNION ALL
        SELECT n.category, n.noun, b.brand, 1000 + (n.place * 250 + b.place) * 5 + model, model
        FROM nouns AS n, brands AS b, generate_series(0, 4) AS model
    ),
    mixed AS (
        -- hashint4 gives a row the same number in every run, random() would not.
        SELECT rows.*, hashint4(number)::bigint & 2147483647 AS mix FROM rows
    )
    SELECT upper(left(category, 3)) || '-' || lpad(number::text, 6, '0'),
           trim(concat_ws(' ', nullif(brand, ''), initcap(noun),
                CASE WHEN model >= 0 THEN substr('ABCDE', model + 1, 1) || (100 + mix % 900) END)),
           category,
           (900 + mix % 49000)::integer,
           CASE WHEN mix % 6 = 0 THEN 0 ELSE (mix / 6 % 60 + 1)::integer END,
           jsonb_build_object(
               'colour', (ARRAY['black','white','blue','green','red','grey','sand'])[1 + mix / 11 % 7],
               'weight_g', 80 + mix / 13 % 20000,
               'warranty_months', (ARRAY[24, 24, 36])[1 + mix / 17 % 3],
               'material', (ARRAY['aluminium','steel','cotton','recycled plastic','wood'])[1 + mix / 19 % 5])
    FROM mixed;

    EXECUTE format('COMMENT ON TABLE nlu.products IS %L', seed);
END
$fill$;

-- Outside of the block: an index that somebody dropped comes back, with the rows kept.
CREATE INDEX IF NOT EXISTS products_name_trigrams ON nlu.products USING gin (name gin_trgm_ops);

DO $statistics$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_stats WHERE schemaname = 'nlu' AND tablename = 'products') THEN
        ANALYZE nlu.products;
    END IF;
END
$statistics$;
